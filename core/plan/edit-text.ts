/**
 * Changes of single fields in a plan's text: every other byte, comments and line ends included, stays what it is. What was written is
 * read again and compared with what was meant, so that a form that is not foreseen is refused and never spoilt.
 */
import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, isSeq, parseDocument, stringify, type Document, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { HoldfastError } from '../failure/error.ts';

export type FieldPath = readonly (string | number)[];

/** The file's form is one that a single field cannot be changed in. */
export class PlanNotEditable extends HoldfastError {
  readonly failure = 'BadInput';
}

/** Sets a field, whether or not it and what is around it are there. What is written is in flow style, on one line. */
export function setField(text: string, path: FieldPath, value: unknown): string {
  return changed(text, path, (document) => set(text, document, path, value), value);
}

/** Puts one item at the end of a list, which need not be there. */
export function addItem(text: string, path: FieldPath, item: unknown): string {
  const document = parseDocument(text);
  const list: unknown = document.getIn(path, true);
  if (!isSeq(list)) return setField(text, path, [item]);
  const at = [...path, list.items.length];
  return changed(text, at, () => append(text, list as YAMLSeq<Node>, item), item);
}

function changed(text: string, path: FieldPath, edit: (document: Document.Parsed) => string, value: unknown): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw refused(path);
  const result = edit(document);
  const again = parseDocument(result);
  // As JSON, in which what an alias stands for is a copy of its own.
  const meant = withField(JSON.parse(JSON.stringify(document.toJS() ?? {})), path, value);
  if (again.errors.length > 0 || !isDeepStrictEqual(again.toJS(), meant)) throw refused(path);
  return result;
}

function withField(data: unknown, [key, ...inner]: FieldPath, value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof key === 'number') {
    const list: unknown[] = Array.isArray(data) ? [...(data as unknown[])] : [];
    list[key] = withField(list[key], inner, value);
    return list;
  }
  const record = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  return { ...record, [key]: withField(record[key], inner, value) };
}

const refused = (path: FieldPath) =>
  new PlanNotEditable(
    `The field ${path.join('.')} cannot be changed without touching what is around it (an alias, an anchor, or a form that is rarely used)`,
    'Change it by hand as the diff says, or write the fields around it in the form that the plans in plans/ have',
  );

function set(text: string, document: Document.Parsed, path: FieldPath, value: unknown): string {
  const [key, ...upwards] = path.toReversed();
  const parentPath = upwards.toReversed();
  const parent: unknown = parentPath.length === 0 ? document.contents : document.getIn(parentPath, true);
  if (key === undefined) throw refused(path);
  if (!isMap(parent)) {
    if (parent !== undefined && parent !== null && !(isScalar(parent) && parent.value === null)) throw refused(path);
    return set(text, document, parentPath, typeof key === 'number' ? [value] : { [key]: value });
  }
  const pair = (parent as YAMLMap<Node, Node | null>).items.find((one) => isScalar(one.key) && one.key.value === key);
  if (pair === undefined) return add(text, parent as YAMLMap<Node, Node | null>, String(key), value);
  const [start] = rangeOf(pair.key, path);
  return `${text.slice(0, start)}${field(String(key), value)}${text.slice(endOf(pair, path))}`;
}

/** After what stands there last, in the same style. */
function add(text: string, map: YAMLMap<Node, Node | null>, key: string, value: unknown): string {
  const first = map.items[0];
  const last = map.items.at(-1);
  if (map.flow === true) {
    const at = last ? endOf(last, [key]) : rangeOf(map, [key])[0] + 1;
    return `${text.slice(0, at)}${last ? ', ' : ' '}${field(key, value)}${last ? '' : ' '}${text.slice(at)}`;
  }
  if (first === undefined || last === undefined) throw refused([key]);
  return insertLine(text, endOf(last, [key]), rangeOf(first.key, [key])[0], field(key, value));
}

function append(text: string, list: YAMLSeq<Node>, item: unknown): string {
  const last = list.items.at(-1);
  const value = flowText(item);
  if (list.flow === true) {
    const at = last ? endOfNode(last, []) : rangeOf(list, [])[0] + 1;
    return `${text.slice(0, at)}${last ? ', ' : ''}${value}${text.slice(at)}`;
  }
  if (last === undefined) throw refused([]);
  return insertLine(text, endOfNode(last, []), rangeOf(list, [])[0], `- ${value}`);
}

/** @param end of what stands before; what follows it on its line, such as a comment, is left there */
function insertLine(text: string, end: number, column: number, line: string): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = ' '.repeat(column - (text.lastIndexOf('\n', column - 1) + 1));
  const next = text.indexOf('\n', end);
  const at = next === -1 ? text.length : next + 1;
  return `${text.slice(0, at)}${next === -1 ? lineEnd : ''}${indent}${line}${lineEnd}${text.slice(at)}`;
}

const flowText = (value: unknown) => stringify(value, { collectionStyle: 'flow', lineWidth: 0, singleQuote: true }).trimEnd();
const field = (key: string, value: unknown) => `${flowText(key)}: ${flowText(value)}`;

function rangeOf(node: unknown, path: FieldPath): [number, number, number] {
  const range =
    typeof node === 'object' && node !== null && 'range' in node ? (node.range as [number, number, number] | null | undefined) : null;
  if (!range) throw refused(path);
  return range;
}

function endOf({ key, value }: Pair<Node, Node | null>, path: FieldPath): number {
  return value === null || (isScalar(value) && value.source === '') ? rangeOf(key, path)[1] : endOfNode(value, path);
}

/** Of a block its last leaf's end: the block's own would take in what follows it, comments too. */
function endOfNode(node: Node, path: FieldPath): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    if (last) return endOf(last as Pair<Node, Node | null>, path);
  }
  if (isSeq(node) && node.flow !== true) {
    const last = node.items.at(-1);
    if (last) return endOfNode(last as Node, path);
  }
  return rangeOf(node, path)[1];
}

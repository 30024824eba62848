export { instant } from '../../core/instant.ts';

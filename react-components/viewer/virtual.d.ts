declare module "virtual:layout-worker" {
  const text: string;
  export default text;
}
declare module "llmtaskgraph-react/style.css";

// Languages of code that can be chosen; the colors are made by Pygments under the same names.
export const LANGUAGES = [
  ["bash", "Bash"],
  ["c", "C"],
  ["cpp", "C++"],
  ["csharp", "C#"],
  ["css", "CSS"],
  ["diff", "Diff"],
  ["docker", "Dockerfile"],
  ["elixir", "Elixir"],
  ["go", "Go"],
  ["haskell", "Haskell"],
  ["html", "HTML"],
  ["http", "HTTP"],
  ["ini", "INI"],
  ["java", "Java"],
  ["javascript", "JavaScript"],
  ["json", "JSON"],
  ["kotlin", "Kotlin"],
  ["lua", "Lua"],
  ["makefile", "Makefile"],
  ["markdown", "Markdown"],
  ["nginx", "nginx"],
  ["php", "PHP"],
  ["powershell", "PowerShell"],
  ["python", "Python"],
  ["r", "R"],
  ["ruby", "Ruby"],
  ["rust", "Rust"],
  ["scala", "Scala"],
  ["sql", "SQL"],
  ["swift", "Swift"],
  ["terraform", "Terraform"],
  ["toml", "TOML"],
  ["typescript", "TypeScript"],
  ["xml", "XML"],
  ["yaml", "YAML"],
  ["text", "No language: plain text"],
];

// What editors and writers of Markdown call them.
const ALIASES = {
  "c++": "cpp", "c#": "csharp", cs: "csharp", console: "bash", dockerfile: "docker", golang: "go", hcl: "terraform", js: "javascript",
  javascriptreact: "javascript", jsonc: "json", jsx: "javascript", make: "makefile", md: "markdown", plain: "text", plaintext: "text",
  ps1: "powershell", py: "python", rb: "ruby", rs: "rust", sh: "bash", shell: "bash", shellscript: "bash", "shell-session": "bash",
  ts: "typescript", tsx: "typescript", txt: "text", typescriptreact: "typescript", yml: "yaml", zsh: "bash",
};

export const languageNamed = (name) => {
  const low = (name ?? "").toLowerCase();
  return ALIASES[low] ?? low;
};

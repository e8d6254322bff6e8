"""A strict reviewer: no function without a docstring."""

import ast
import sys
from pathlib import Path

found = 0
for path in sorted(Path("quotes").glob("*.py")):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and not ast.get_docstring(node):
            found += 1
            print(f"{path}:{node.lineno}: {node.name} has no docstring")
print(f"{found} findings")
sys.exit(bool(found))

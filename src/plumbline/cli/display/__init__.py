"""How a run looks: while it goes on (plain lines, a live terminal, JSON), and when it is over."""

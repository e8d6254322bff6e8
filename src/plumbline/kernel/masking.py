"""placeholder"""


class Masker: ...

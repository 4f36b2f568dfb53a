from carlemanc.spec.examples import Example as Example
from carlemanc.spec.examples import packaged_examples as packaged_examples
from carlemanc.spec.loading import load_spec as load_spec
from carlemanc.spec.schema import ModelSpec as ModelSpec

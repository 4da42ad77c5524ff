"""The mark of tests that need an NVIDIA GPU."""

import pytest
import torch

cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device")

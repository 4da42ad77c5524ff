# docker build -t genlabel-robust . && docker run --rm -v "$PWD:/work" genlabel-robust list attacks
FROM python:3.12-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
# Pango, for reports as PDF
RUN apt-get update && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /wheels /wheels
# where torch's own index is given, builds without GPUs are smaller: --build-arg TORCH_INDEX=...
ARG TORCH_INDEX=
RUN pip install --no-cache-dir torch ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} \
    && pip install --no-cache-dir "$(ls /wheels/*.whl)[parquet,onnx,xgboost,lightgbm,pdf]" \
    && rm -rf /wheels
RUN useradd --create-home user
USER user
WORKDIR /work
ENTRYPOINT ["genlabel-robust"]
CMD ["--help"]

# One image for every process of the Procfile. All dependencies are wheels, so nothing is compiled here.
FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --only-binary=:all: --require-hashes -r requirements.txt

# The folder exists and is ours so that a volume mounted on it starts out writable.
RUN useradd --system --uid 10001 --no-create-home trunkline \
    && install --directory --owner=trunkline /recordings

# Compiled now: the user who runs it may not write beside it, and a health check starts Python every few seconds.
COPY . .
RUN python -m compileall -q .

USER 10001
EXPOSE 8000
CMD ["python", "-m", "ingress"]

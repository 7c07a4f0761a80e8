# The studio as one image: the pages are built into it, the database is another container (see compose.yaml).
FROM python:3.11-slim-bookworm AS studio
RUN useradd --create-home studio && mkdir /data && chown studio:studio /data
WORKDIR /studio
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY --chown=studio:studio . .
RUN chown studio:studio /studio
USER studio
# The site map names the address that people type, so it is known when the pages are built.
ARG PUBLIC_URL=
ENV DATA_DIR=/data HOST=0.0.0.0 PORT=3000 PUBLIC_URL=${PUBLIC_URL}
RUN python -m credit_studio.operate.frontend
EXPOSE 3000
VOLUME /data
CMD ["python", "-m", "credit_studio", "run"]

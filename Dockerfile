# Dockerfile - rollcall with kubectl and helm in an image without shell, package manager or root.
#
#	docker build -t rollcall .
#	docker run --rm -it --read-only --tmpfs /tmp rollcall playground
#
# No digest stands here: the base is asked for by its name, kubectl and helm by their versions, each checked
# against the sum that its publisher has beside it at the time of the build.  That finds broken downloads and
# exchanged mirrors; who wants more pins DEBIAN to a digest that they looked at themselves.
ARG DEBIAN=docker.io/library/debian:bookworm-slim

FROM ${DEBIAN} AS build
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends make
WORKDIR /source
COPY Makefile ./
RUN make packages
# What the image is made of, and nothing else of the checkout.
COPY LICENSE ./
COPY bot bot
COPY adapters adapters
COPY commands commands
COPY config config
COPY tests/fakes tests/fakes
RUN make PACKAGES=there release && make PACKAGES=there install DESTDIR=/installed PREFIX=/usr
RUN config/container/assemble /installed /image

FROM ${DEBIAN} AS tools
ARG KUBECTL_VERSION=v1.35.2
ARG HELM_VERSION=v4.1.4
ARG TARGETARCH=amd64
# Where the publishers are; a mirror has the same files below it.
ARG KUBECTL_FROM=https://dl.k8s.io/release
ARG HELM_FROM=https://get.helm.sh
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates curl
WORKDIR /tools
COPY config/container/fetch /fetch
RUN /fetch kubectl "${KUBECTL_FROM}/${KUBECTL_VERSION}/bin/linux/${TARGETARCH}/kubectl" .sha256
RUN /fetch helm "${HELM_FROM}/helm-${HELM_VERSION}-linux-${TARGETARCH}.tar.gz" .sha256sum "linux-${TARGETARCH}/helm"

FROM scratch
ARG KUBECTL_VERSION=v1.35.2
ARG HELM_VERSION=v4.1.4
LABEL org.opencontainers.image.title=rollcall \
	org.opencontainers.image.description="Rollbacks and on-call work from chat" \
	org.opencontainers.image.licenses=MIT \
	rollcall.kubectl=${KUBECTL_VERSION} rollcall.helm=${HELM_VERSION}
COPY --from=build /image /
COPY --from=tools /tools/kubectl /tools/helm /usr/local/bin/
ENV PATH=/usr/local/bin:/usr/bin
USER 65532:65532
WORKDIR /var/lib/rollcall
# All that is written: the state, which must be kept, and the socket.  /tmp is the playground's only.
VOLUME ["/var/lib/rollcall", "/run/rollcall"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/rollcall"]
CMD ["run", "--config", "/etc/rollcall/rollcall.yaml"]

# The image that 'make image' builds, for those who have Docker: docker build -t fairlead .
# Both take the root file system from image/rootfs; what is said here beside that is held to image/build by ImageFactsTest.
FROM debian:trixie-slim AS build
# A slim Debian has no directory for manual pages, without which the JDK's packages cannot be configured.
RUN mkdir -p /usr/share/man/man1 && apt-get update && \
    apt-get install --yes --no-install-recommends openjdk-25-jdk-headless maven git ca-certificates util-linux
WORKDIR /src
COPY . .
RUN mvn --batch-mode --no-transfer-progress -q -pl operator package -Dmaven.test.skip=true && \
    mvn --batch-mode --no-transfer-progress -q -pl operator cyclonedx:makeBom
RUN image/rootfs --require-archive "$(dpkg --print-architecture)" /rootfs && mv /rootfs/var/cache/fairlead /cache

FROM scratch
COPY --from=build /rootfs/ /
# A directory that is there already would keep its owner.
COPY --from=build --chown=65532:65532 /cache /var/cache/fairlead
ENV LANG=C.UTF-8 FAIRLEAD_CACHE_DIR=/var/cache/fairlead FAIRLEAD_LOG_FORMAT=json
EXPOSE 8080/tcp 8082/tcp 8083/tcp
USER 65532:65532
ENTRYPOINT ["/opt/java/bin/java", "@/app/jvm.options", "-XX:SharedArchiveFile=/app/fairlead.jsa", "-jar", "/app/fairlead.jar"]

package dev.fairlead.testbed;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the Git servlet: writes requests down, checks credentials, misbehaves.
 *
 * <p>Guarantees: a request is in the list before it is answered. Called by Jetty's threads and by
 * the test; one lock guards all state, and none is held while a fault waits.
 */
final class GitGate implements Filter {

  private record Broken(Predicate<GitRequest> which, GitFault fault, CountDownLatch healed) {}

  private final List<GitRequest> requests = new ArrayList<>();
  private @Nullable String authorization;
  private @Nullable Broken broken;

  synchronized void require(String header) {
    authorization = header;
  }

  synchronized void requireNothing() {
    authorization = null;
  }

  synchronized void fail(Predicate<GitRequest> which, GitFault fault) {
    heal();
    broken = new Broken(which, fault, new CountDownLatch(1));
  }

  synchronized void heal() {
    if (broken != null) {
      broken.healed().countDown();
      broken = null;
    }
  }

  synchronized List<GitRequest> requests() {
    return List.copyOf(requests);
  }

  synchronized void forgetRequests() {
    requests.clear();
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    HttpServletRequest http = (HttpServletRequest) request;
    HttpServletResponse answer = (HttpServletResponse) response;
    GitRequest git =
        new GitRequest(
            http.getMethod(),
            http.getRequestURI(),
            Optional.ofNullable(http.getQueryString()).orElse(""),
            Optional.ofNullable(http.getHeader("Authorization")),
            Optional.ofNullable(http.getHeader("Git-Protocol")));
    Broken fault;
    boolean welcome;
    synchronized (this) {
      requests.add(git);
      fault = broken != null && broken.which().test(git) ? broken : null;
      welcome = authorization == null || authorization.equals(git.authorization().orElse(""));
    }
    if (fault != null) {
      misbehave(fault, http, answer, chain);
    } else if (welcome) {
      chain.doFilter(http, answer);
    } else {
      answer.setHeader("WWW-Authenticate", "Basic realm=\"git\"");
      answer.sendError(HttpServletResponse.SC_UNAUTHORIZED);
    }
  }

  private static void misbehave(
      Broken broken, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    try {
      switch (broken.fault()) {
        case GitFault.Answer answer -> {
          response.setStatus(answer.status());
          answer.headers().forEach(response::setHeader);
          response.setContentType("text/plain");
          response.getWriter().write(answer.body());
        }
        case GitFault.Drip drip -> {
          byte[] body = capture(request, response, chain);
          for (byte b : body) {
            Thread.sleep(drip.pause());
            response.getOutputStream().write(b);
            response.flushBuffer();
          }
        }
        case GitFault.Stall ignored -> {
          broken.healed().await();
          chain.doFilter(request, response);
        }
        case GitFault.Truncate truncate -> {
          byte[] body = capture(request, response, chain);
          response.setContentLength(body.length);
          response.getOutputStream().write(body, 0, Math.min(truncate.bytes(), body.length));
          response.flushBuffer();
          throw new IOException("broken off by the test");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the server stops");
    }
  }

  private static byte[] capture(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Captured captured = new Captured(response);
    chain.doFilter(request, captured);
    return captured.bytes.toByteArray();
  }

  /** Keeps the body back; status and headers go through, but for the length. */
  private static final class Captured extends HttpServletResponseWrapper {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ServletOutputStream stream =
        new ServletOutputStream() {
          @Override
          public boolean isReady() {
            return true;
          }

          @Override
          public void setWriteListener(WriteListener listener) {
            throw new UnsupportedOperationException("the Git servlet writes synchronously");
          }

          @Override
          public void write(int b) {
            bytes.write(b);
          }

          @Override
          public void write(byte[] buffer, int offset, int length) {
            bytes.write(buffer, offset, length);
          }
        };

    Captured(HttpServletResponse response) {
      super(response);
    }

    @Override
    public ServletOutputStream getOutputStream() {
      return stream;
    }

    @Override
    public void setContentLength(int length) {}

    @Override
    public void setContentLengthLong(long length) {}

    @Override
    public void setHeader(String name, String value) {
      if (!"Content-Length".equalsIgnoreCase(name)) {
        super.setHeader(name, value);
      }
    }

    @Override
    public void flushBuffer() {}
  }
}

package dev.atomic.worker.sandbox.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentLengthStrategy;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.DefaultContentLengthStrategy;
import org.apache.hc.core5.http.impl.io.ChunkedInputStream;
import org.apache.hc.core5.http.impl.io.ContentLengthInputStream;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;

/// Reads the bytes that a program sent in answer to a request. They may be anything, so lines,
/// headers and interim answers are bounded in number and length. Pure.
sealed interface Answer {
    /// @param headers in their order
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Whole(int status, List<Header> headers, byte[] body) implements Answer {}

    /// It isn't all there yet.
    record Unfinished() implements Answer {}

    /// It is no answer, whatever comes.
    record Broken(String why) implements Answer {}

    int MAX_INTERIM = 100;
    int MAX_LINE = 8 << 10;
    int NO_CONTENT = 204;
    int NOT_MODIFIED = 304;
    int FIRST_FINAL = 200;

    Http1Config BOUNDS =
            Http1Config.custom().setMaxLineLength(MAX_LINE).setMaxHeaderCount(100).build();

    /// @param head whether the request was a HEAD, whose answer has no body
    /// @param closed whether nothing more comes, which ends a body without a length
    static Answer of(byte[] bytes, boolean head, boolean closed) {
        Source source = new Source(bytes);
        try {
            return read(source, head, closed);
        } catch (IOException | HttpException | RuntimeException e) {
            // The answer needs more bytes than there are so far.
            return source.ended ? new Unfinished() : new Broken(String.valueOf(e.getMessage()));
        }
    }

    private static Answer read(Source source, boolean head, boolean closed)
            throws IOException, HttpException {
        SessionInputBufferImpl buffer = new SessionInputBufferImpl(MAX_LINE, MAX_LINE);
        DefaultHttpResponseParser parser = new DefaultHttpResponseParser(BOUNDS);
        ClassicHttpResponse answer = parser.parse(buffer, source);
        for (int interim = 0; answer != null && answer.getCode() < FIRST_FINAL; interim++) {
            if (interim == MAX_INTERIM) {
                return new Broken("more than " + MAX_INTERIM + " interim answers");
            }
            answer = parser.parse(buffer, source);
        }
        // The parser takes the end of the bytes for the end of a head.
        if (answer == null || source.ended) {
            return new Unfinished();
        }
        if (answer.getVersion() != null && answer.getVersion().greaterEquals(HttpVersion.HTTP_2)) {
            return new Broken("not HTTP/1: " + answer.getVersion());
        }
        List<Header> headers = new ArrayList<>(List.of(answer.getHeaders()));
        int status = answer.getCode();
        if (head || status == NO_CONTENT || status == NOT_MODIFIED) {
            return new Whole(status, headers, new byte[0]);
        }
        long length = DefaultContentLengthStrategy.INSTANCE.determineLength(answer);
        if (length == ContentLengthStrategy.CHUNKED) {
            return new Whole(
                    status, headers, new ChunkedInputStream(buffer, source, BOUNDS).readAllBytes());
        }
        if (length >= 0) {
            InputStream body = new ContentLengthInputStream(buffer, source, length);
            return new Whole(status, headers, body.readAllBytes());
        }
        return closed ? new Whole(status, headers, rest(buffer, source)) : new Unfinished();
    }

    private static byte[] rest(SessionInputBufferImpl buffer, InputStream source)
            throws IOException {
        byte[] buffered = new byte[buffer.length()];
        int count = buffered.length == 0 ? 0 : buffer.read(buffered, source);
        byte[] later = source.readAllBytes();
        byte[] all = new byte[Math.max(0, count) + later.length];
        System.arraycopy(buffered, 0, all, 0, Math.max(0, count));
        System.arraycopy(later, 0, all, all.length - later.length, later.length);
        return all;
    }

    /// Notes whether it was read to its end and more was wanted.
    final class Source extends InputStream {
        private final ByteArrayInputStream bytes;
        private boolean ended;

        Source(byte[] bytes) {
            this.bytes = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() {
            int next = bytes.read();
            ended |= next < 0;
            return next;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            int count = bytes.read(target, offset, length);
            ended |= count < 0;
            return count;
        }
    }
}

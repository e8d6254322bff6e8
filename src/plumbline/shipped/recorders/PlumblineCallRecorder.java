import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Paths;
import java.nio.file.StandardOpenOption;

/**
 * Records which operations of a service its tests call. One file, no dependencies but the servlet API: copy it, and
 * register it for all paths in the service that tests start.
 *
 * <p>The variable or system property PLUMBLINE_CALLS names the file that lines are added to; without it nothing
 * happens. Each request is a line with verb, path (never its query), status, and the test that sent it in the header
 * X-Plumbline-Test. How a test ended is told by {@link #tested}; the assertions of JUnit cannot be counted from
 * outside, so whoever does not count them gives null, which counts as not told.
 */
public class PlumblineCallRecorder implements Filter {
    public static final String VARIABLE = "PLUMBLINE_CALLS";
    public static final String HEADER = "X-Plumbline-Test";
    private static final String VERSION = "1";
    private static final int LONGEST = 1000;
    private static FileChannel channel;
    private static String path;

    @Override
    public void init(FilterConfig config) {
    }

    @Override
    public void destroy() {
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        boolean answered = false;
        try {
            chain.doFilter(request, response);
            answered = true;
        } finally {
            if (request instanceof HttpServletRequest && response instanceof HttpServletResponse) {
                HttpServletRequest asked = (HttpServletRequest) request;
                int status = answered ? ((HttpServletResponse) response).getStatus() : 500;
                note(asked.getMethod(), asked.getRequestURI(), status, asked.getHeader(HEADER));
            }
        }
    }

    /** One call: "GET" and a path, or any other verb and name of an operation. */
    public static void note(String verb, String name, int status, String test) {
        write("{\"plumbline\":\"call\",\"verb\":" + text(verb) + ",\"name\":" + text(name) + ",\"status\":" + status
                + ",\"test\":" + text(test) + "}");
    }

    /** A test ended: "passed", "failed" (an assertion did not hold), "error" or "skipped". */
    public static void tested(String test, String outcome, Integer assertions) {
        write("{\"plumbline\":\"test\",\"test\":" + text(test) + ",\"outcome\":" + text(outcome) + ",\"assertions\":"
                + assertions + "}");
    }

    private static String text(String value) {
        StringBuilder made = new StringBuilder("\"");
        String given = value == null ? "" : value;
        for (int at = 0; at < given.length() && at < LONGEST; at++) {
            char letter = given.charAt(at);
            if (letter == '"' || letter == '\\') {
                made.append('\\').append(letter);
            } else if (letter >= 32 && letter < 127) {
                made.append(letter);
            } else {
                made.append(String.format("\\u%04x", (int) letter));
            }
        }
        return made.append('"').toString();
    }

    /** One line in one write, so that processes may share the file. A service never fails because of this. */
    private static synchronized void write(String line) {
        String wanted = System.getProperty(VARIABLE, System.getenv(VARIABLE));
        if (wanted == null || wanted.isEmpty()) {
            return;
        }
        try {
            if (!wanted.equals(path)) {
                channel = FileChannel.open(Paths.get(wanted), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                path = wanted;
                append("{\"plumbline\":\"recorder\",\"version\":\"" + VERSION + "\"}");
            }
            append(line);
        } catch (IOException error) {
            path = null;
        }
    }

    private static void append(String line) throws IOException {
        channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }
}

package dev.atomic.api.problem;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.AbstractProtocol;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// What Tomcat refuses before any filter sees it (a request line it can't read, a URI with
/// forbidden characters) is answered as everything else is, in place of its page with its version.
@Configuration(proxyBeanMethods = false)
class ServerErrors {
    private static final Logger LOG = LoggerFactory.getLogger(ServerErrors.class);

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> serverErrorsAsProblems() {
        return factory -> {
            // `a%2Fb` in a path is `a/b`: clients encode the names of files as they like.
            factory.addConnectorCustomizers(
                    connector -> connector.setEncodedSolidusHandling("passthrough"));
            factory.addContextCustomizers(context -> {
                if (context.getParent() instanceof StandardHost host) {
                    host.setErrorReportValveClass(ProblemValve.class.getName());
                }
            });
        };
    }

    /// Made by Tomcat, by name.
    public static final class ProblemValve extends ErrorReportValve {
        @Override
        protected void report(Request request, Response response, @Nullable Throwable failure) {
            int status = response.getStatus();
            if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
                return;
            }
            try {
                if (response.getHeader(RequestIdFilter.HEADER) == null) {
                    String asked = request.getHeader(RequestIdFilter.HEADER);
                    response.setHeader(RequestIdFilter.HEADER, RequestIdFilter.idOf(asked));
                }
                if (failure != null && status >= 500) {
                    LOG.error("answered {} because of a bug", status, failure);
                } else {
                    LOG.info(
                            "refused with {} before routing: {}",
                            status,
                            failure == null ? "no exception" : failure.getClass().getName());
                }
                ProblemWriter.write(
                        request,
                        response,
                        isStopping(request) ? stopping() : Problem.ofStatus(status));
                response.finishResponse();
            } catch (IOException | IllegalStateException e) {
                LOG.debug("an error could not be sent: {}", e.getMessage());
            }
        }

        /// Once the server takes no more requests, Tomcat reads no headers of one that comes on a
        /// kept connection: it decides on 503, then finds no `Host` and makes it a 400
        /// (Http11Processor of 11.0). A client must not take that for its own mistake.
        private static boolean isStopping(Request request) {
            return request.getConnector().getProtocolHandler() instanceof AbstractProtocol<?> server
                    && server.isPaused();
        }

        private static ProblemException stopping() {
            return DatabaseAway.problem("The server is stopping; try again.");
        }
    }
}

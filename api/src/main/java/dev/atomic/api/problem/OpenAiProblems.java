package dev.atomic.api.problem;

import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/// Gives the problems of [Problems] the form that the client of the route reads.
@RestControllerAdvice
final class OpenAiProblems implements ResponseBodyAdvice<Object> {
    /// OpenAI's clients try 409 again by themselves, which never helps here, unless this says not
    /// to.
    private static final String SHOULD_RETRY = "x-should-retry";

    @Override
    public boolean supports(
            MethodParameter method, Class<? extends HttpMessageConverter<?>> converter) {
        return method.getContainingClass() == Problems.class;
    }

    @Override
    public @Nullable Object beforeBodyWrite(
            @Nullable Object body,
            MethodParameter method,
            MediaType type,
            Class<? extends HttpMessageConverter<?>> converter,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        if (body instanceof Problem problem
                && request instanceof ServletServerHttpRequest servlet
                && OpenAiProblem.isFor(servlet.getServletRequest())) {
            response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
            if (problem.status() == 409) {
                response.getHeaders().set(SHOULD_RETRY, "false");
            }
            return OpenAiProblem.of(problem);
        }
        return body;
    }
}

using System.Net;

namespace NodeAgent.Probes;

/// <summary>How a gRPC call ended: code and message, from the trailers, or from the headers of an answer without a message.</summary>
internal static class GrpcStatus
{
    private const int Unknown = 2;

    private static readonly string[] Names =
    [
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted",
        "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
    ];

    public static string Name(int code) => code >= 0 && code < Names.Length ? Names[code] : $"Code({code})";

    public static (int Code, string Message) Of(HttpResponseMessage response)
    {
        var text = Header(response, "grpc-status");
        if (int.TryParse(text, out var code)) return (code, Uri.UnescapeDataString(Header(response, "grpc-message") ?? ""));
        // No gRPC server (gRPC over HTTP2, "HTTP to gRPC Status Code Mapping").
        var mapped = response.StatusCode switch
        {
            HttpStatusCode.BadRequest => 13,
            HttpStatusCode.Unauthorized => 16,
            HttpStatusCode.Forbidden => 7,
            HttpStatusCode.NotFound => 12,
            HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => 14,
            _ => Unknown,
        };
        return (mapped, $"unexpected HTTP status code received from server: {(int)response.StatusCode} ({response.ReasonPhrase ?? response.StatusCode.ToString()})");
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values) ? values.FirstOrDefault() : null;
}

using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Objects;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>Writes JSON answers: one line, or indented for people; compressed where it is long and the client can read that.</summary>
internal static class Answer
{
    private const int CompressFrom = 128 * 1024;

    private static readonly byte[] NewLine = "\n"u8.ToArray();

    public static Task Json(HttpContext http, int code, object body) => Json(http, code, KubeJson.Serialize(body));

    /// <summary>JSON under another media type, for clients that are no Kubernetes clients.</summary>
    public static Task Document(HttpContext http, object body, string contentType)
    {
        var json = KubeJson.Serialize(body);
        http.Response.ContentType = contentType;
        http.Response.ContentLength = json.Length;
        return http.Response.Body.WriteAsync(json, http.RequestAborted).AsTask();
    }

    public static async Task Json(HttpContext http, int code, ReadOnlyMemory<byte> json)
    {
        var yaml = MediaType.WantsYaml(http.Request);
        if (yaml) json = YamlAnswer.Of(json);
        else if (WantsPretty(http.Request)) json = Indent(json);
        await using var body = Begin(http, code, json.Length + (yaml ? 0 : 1), yaml ? MediaType.Yaml : MediaType.Json);
        await body.WriteAsync(json, http.RequestAborted);
        if (yaml) return;
        await body.WriteAsync(NewLine, http.RequestAborted);
    }

    /// <summary>The headers of a JSON answer, and the stream that takes its body; disposing ends the answer.</summary>
    /// <param name="length">Of the body, in bytes, before it is compressed.</param>
    public static Stream Begin(HttpContext http, int code, long length, string type = MediaType.Json)
    {
        var response = http.Response;
        response.StatusCode = code;
        response.ContentType = type;
        response.Headers.CacheControl = "no-cache, private";
        if (length <= CompressFrom || !http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal))
        {
            response.ContentLength = length;
            return response.BodyWriter.AsStream(leaveOpen: true);
        }
        response.Headers.ContentEncoding = "gzip";
        return new GZipStream(response.BodyWriter.AsStream(), CompressionLevel.Fastest);
    }

    public static Task Text(HttpContext http, int code, string text)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text, http.RequestAborted);
    }

    public static Task Success(HttpContext http, int code, StatusDetails? details) => Json(http, code, new Status
    {
        Kind = "Status", ApiVersion = "v1", Metadata = new ListMeta(), Outcome = "Success", Details = details, Code = code == 200 ? null : code,
    });

    public static Task Error(HttpContext http, StatusException error)
    {
        if (error.Status.Details?.RetryAfterSeconds is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString();
        return Json(http, error.Code, error.Status);
    }

    public static bool WantsPretty(HttpRequest request) => request.Query["pretty"].ToString() switch
    {
        "true" or "1" => true,
        "" => request.Headers.UserAgent.ToString() is var agent
            && (agent.StartsWith("curl", StringComparison.Ordinal) || agent.StartsWith("Wget", StringComparison.Ordinal) || agent.StartsWith("Mozilla/5.0", StringComparison.Ordinal)),
        _ => false,
    };

    private static byte[] Indent(ReadOnlyMemory<byte> json) =>
        JsonSerializer.SerializeToUtf8Bytes(JsonNode.Parse(json.Span, documentOptions: new JsonDocumentOptions { MaxDepth = 256 }), KubeJson.Indented);
}

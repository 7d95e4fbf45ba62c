using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>Answers with a document that clients keep: they name the version they have, and get 304 while it is the same (RFC 9110, 13.1.2).</summary>
internal static class TaggedAnswer
{
    /// <param name="tag">Differs whenever the document does.</param>
    /// <param name="gzip">Makes the document, compressed; not called if the client has it.</param>
    public static async Task Write(HttpContext http, string contentType, string tag, Func<byte[]> gzip)
    {
        var response = http.Response;
        var quoted = $"\"{tag}\"";
        response.Headers.ETag = quoted;
        response.Headers.Vary = "Accept";
        if (response.Headers.CacheControl.Count == 0) response.Headers.CacheControl = "no-cache, private";
        if (Has(http.Request.Headers.IfNoneMatch, quoted))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = contentType;
        var bytes = gzip();
        if (http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal))
        {
            response.Headers.ContentEncoding = "gzip";
            response.ContentLength = bytes.Length;
            await response.Body.WriteAsync(bytes, http.RequestAborted);
            return;
        }
        await using var plain = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        await plain.CopyToAsync(response.Body, http.RequestAborted);
    }

    public static byte[] Compress(ReadOnlySpan<byte> document)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal)) gzip.Write(document);
        return compressed.ToArray();
    }

    private static bool Has(IEnumerable<string?> conditions, string tag) =>
        conditions.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries)).Any(known => known == "*" || known == tag || known == "W/" + tag);
}

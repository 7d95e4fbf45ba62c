using Microsoft.AspNetCore.Http;

namespace ControlPlane.ApiServer;

/// <summary>In which form the client wants its answer.</summary>
internal enum AnswerForm { Json, Table, Metadata }

/// <summary>Reads the Accept and Content-Type headers (kubectl names several forms, the best first).</summary>
internal static class MediaType
{
    public const string Json = "application/json", Yaml = "application/yaml", Protobuf = "application/vnd.kubernetes.protobuf";

    /// <summary>The first form in the header that we can give.</summary>
    /// <exception cref="StatusException">None of them.</exception>
    public static AnswerForm Accepted(HttpRequest request)
    {
        var header = request.Headers.Accept.ToString();
        if (header.Length == 0) return AnswerForm.Json;
        foreach (var range in header.Split(',', StringSplitOptions.TrimEntries))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not (Json or "application/*" or "*/*")) continue;
            switch (parts.FirstOrDefault(part => part.StartsWith("as=", StringComparison.Ordinal))?[3..])
            {
                case null: return AnswerForm.Json;
                case "Table": return AnswerForm.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList": return AnswerForm.Metadata;
            }
        }
        throw StatusException.NotAcceptable();
    }

    /// <summary>The type of the body without parameters; JSON where the client does not say.</summary>
    public static string OfBody(HttpRequest request) =>
        request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() is { Length: > 0 } type ? type : Json;
}

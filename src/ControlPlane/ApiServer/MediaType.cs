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
    public static AnswerForm Accepted(HttpRequest request) => First(request)?.Form ?? throw StatusException.NotAcceptable();

    /// <summary>The client wants that form in YAML, and not in JSON.</summary>
    public static bool WantsYaml(HttpRequest request) => First(request)?.Type == Yaml;

    private static (AnswerForm Form, string Type)? First(HttpRequest request)
    {
        foreach (var range in AcceptHeader.Of(request))
        {
            var type = range.Type == Yaml ? Yaml : range.Takes(Json) ? Json : null;
            if (type is null) continue;
            switch (range["as"])
            {
                case null: return (AnswerForm.Json, type);
                case "Table": return (AnswerForm.Table, type);
                case "PartialObjectMetadata" or "PartialObjectMetadataList": return (AnswerForm.Metadata, type);
            }
        }
        return null;
    }

    /// <summary>The type of the body without parameters; JSON where the client does not say.</summary>
    public static string OfBody(HttpRequest request) =>
        request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() is { Length: > 0 } type ? type : Json;
}

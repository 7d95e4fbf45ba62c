using System.Collections.Concurrent;
using System.Security.Cryptography;
using ControlPlane.ApiServer;
using KubeApi.Schema;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.OpenApi;

/// <summary>
/// Answers <c>/openapi/v2</c> and <c>/openapi/v3</c>. A document is made when it is asked for and held weakly, compressed:
/// clients keep theirs and ask only whether it is still the same.
/// </summary>
internal sealed class OpenApiEndpoint
{
    private const string Root = "/openapi/v3";

    /// <summary>The protobuf form as clients ask for it; as an answer the first is no valid media type, so the second is given.</summary>
    private const string AskedProtobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private readonly ConcurrentDictionary<string, WeakReference<byte[]>> documents = new();
    private readonly Lazy<string> tag = new(Tag);

    /// <exception cref="FileNotFoundException">The descriptions are not installed; kubectl could create nothing, so nothing should start.</exception>
    public OpenApiEndpoint()
    {
        if (!File.Exists(Descriptions.File)) throw new FileNotFoundException($"there is no {Descriptions.File}: the installation is not complete");
    }

    /// <summary>False for a path that is none of these.</summary>
    /// <exception cref="StatusException">404, 405, 406.</exception>
    /// <exception cref="IOException">The descriptions cannot be read.</exception>
    public async Task<bool> TryHandle(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        if (path != "/openapi/v2" && path != Root && !path.StartsWith(Root + "/", StringComparison.Ordinal)) return false;
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)) throw StatusException.MethodNotAllowed();
        if (path == "/openapi/v2") await V2(http);
        else if (path == Root) await Index(http);
        else await V3(http, path[(Root.Length + 1)..]);
        return true;
    }

    private async Task V2(HttpContext http)
    {
        var type = AcceptHeader.Of(http.Request).Select(range => range.Takes(MediaType.Json) ? MediaType.Json
            : range.Type is AskedProtobuf or Protobuf ? Protobuf : null).FirstOrDefault(form => form is not null) ?? throw StatusException.NotAcceptable();
        if (type == MediaType.Json) await TaggedAnswer.Write(http, type, tag.Value, () => Document("v2", OpenApiDocument.V2));
        else await TaggedAnswer.Write(http, type, tag.Value + "-P", () => Document("v2 protobuf", () => ProtobufDocument.Encode(OpenApiDocument.V2())));
    }

    /// <summary>The documents of version 3 with addresses that change when they do, so that clients keep them for good (KEP-2896).</summary>
    private async Task Index(HttpContext http)
    {
        TakesJson(http);
        var paths = OpenApiDocument.GroupVersions.Select(Place).ToDictionary(place => place, place => new { serverRelativeURL = $"{Root}/{place}?hash={tag.Value}" });
        await Answer.Json(http, 200, new { paths });
    }

    private async Task V3(HttpContext http, string place)
    {
        var (group, version) = OpenApiDocument.GroupVersions.FirstOrDefault(served => Place(served) == place);
        if (version is null) throw StatusException.NoSuchResource();
        TakesJson(http);
        if (http.Request.Query["hash"].ToString() is { Length: > 0 } hash)
        {
            if (hash != tag.Value)
            {
                http.Response.Redirect($"{Root}/{place}?hash={tag.Value}", permanent: true);
                return;
            }
            http.Response.Headers.CacheControl = "public, immutable";
            http.Response.Headers.Expires = DateTime.UtcNow.AddYears(1).ToString("R");
        }
        await TaggedAnswer.Write(http, MediaType.Json, tag.Value, () => Document(place, () => OpenApiDocument.V3(group.Length == 0 ? version : $"{group}/{version}")));
    }

    private static string Place((string Group, string Version) served) => served.Group.Length == 0 ? $"api/{served.Version}" : $"apis/{served.Group}/{served.Version}";

    private static void TakesJson(HttpContext http)
    {
        if (!AcceptHeader.Of(http.Request).Any(range => range.Takes(MediaType.Json))) throw StatusException.NotAcceptable();
    }

    private byte[] Document(string name, Func<ReadOnlyMemory<byte>> make)
    {
        if (documents.TryGetValue(name, out var reference) && reference.TryGetTarget(out var known)) return known;
        var made = TaggedAnswer.Compress(make().Span);
        documents[name] = new WeakReference<byte[]>(made);
        return made;
    }

    /// <summary>The documents follow from the program and its descriptions alone, so that these identify them without any being made.</summary>
    private static string Tag()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(typeof(OpenApiEndpoint).Module.ModuleVersionId.ToByteArray());
        hash.AppendData(typeof(Descriptions).Module.ModuleVersionId.ToByteArray());
        hash.AppendData(File.ReadAllBytes(Descriptions.File));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}

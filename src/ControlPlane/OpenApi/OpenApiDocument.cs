using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ControlPlane.Registry;
using KubeApi.Schema;

namespace ControlPlane.OpenApi;

/// <summary>The two forms of OpenAPI that clients ask for.</summary>
internal enum OpenApiVersion { V2, V3 }

/// <summary>Writes whole documents, as JSON: version 2 of everything, version 3 of one group version.</summary>
internal static class OpenApiDocument
{
    private const string Title = "Kubernetes", Security = "BearerToken";

    /// <summary>Group versions that are served.</summary>
    public static IReadOnlyList<(string Group, string Version)> GroupVersions { get; } =
        Kinds.All.Select(kind => (kind.Resource.Group, kind.Resource.Version)).Distinct().ToList();

    /// <exception cref="IOException">The descriptions cannot be read.</exception>
    public static ReadOnlyMemory<byte> V2() => Write((json, descriptions) =>
    {
        json.WriteString("swagger", "2.0");
        Info(json);
        Body(json, OpenApiVersion.V2, [.. RestPath.All()], descriptions, "definitions");
        json.WriteStartObject("securityDefinitions");
        SecurityScheme(json);
        json.WriteEndObject();
        Demand(json);
    });

    /// <param name="apiVersion">E.g. <c>v1</c> or <c>apps/v1</c>.</param>
    /// <exception cref="IOException">The descriptions cannot be read.</exception>
    public static ReadOnlyMemory<byte> V3(string apiVersion) => Write((json, descriptions) =>
    {
        json.WriteString("openapi", "3.0.0");
        Info(json);
        Body(json, OpenApiVersion.V3, [.. RestPath.All(apiVersion)], descriptions, "components", "schemas");
        json.WriteStartObject("securitySchemes");
        SecurityScheme(json);
        json.WriteEndObject();
        json.WriteEndObject(); // components
        Demand(json);
    });

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter, Descriptions> write)
    {
        var descriptions = Descriptions.Load();
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json, descriptions);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static void Info(Utf8JsonWriter json)
    {
        json.WriteStartObject("info");
        json.WriteString("title", Title);
        json.WriteString("version", ApiServer.Discovery.GitVersion);
        json.WriteEndObject();
    }

    /// <summary>The paths and, under the given names (of which all but the last stay open), the definitions.</summary>
    private static void Body(Utf8JsonWriter json, OpenApiVersion version, IReadOnlyList<RestPath> paths, Descriptions descriptions, params string[] place)
    {
        var schemas = new SchemaWriter(json, descriptions, version);
        var operations = new OperationWriter(json, schemas, version);
        json.WriteStartObject("paths");
        foreach (var path in paths) operations.Write(path);
        json.WriteEndObject();
        foreach (var name in place) json.WriteStartObject(name);
        schemas.Write(new Definitions(paths), GroupVersions);
        json.WriteEndObject();
    }

    private static void SecurityScheme(Utf8JsonWriter json)
    {
        json.WriteStartObject(Security);
        json.WriteString("description", "A ServiceAccount's token, as 'Bearer TOKEN'. Client certificates need no header.");
        json.WriteString("in", "header");
        json.WriteString("name", "authorization");
        json.WriteString("type", "apiKey");
        json.WriteEndObject();
    }

    private static void Demand(Utf8JsonWriter json)
    {
        json.WriteStartArray("security");
        json.WriteStartObject();
        json.WriteStartArray(Security);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }
}

using System.Text.Json;
using KubeApi.Objects;

namespace ControlPlane.OpenApi;

/// <summary>Writes the paths of a document: what can be done, with which parameters, and what is sent and answered.</summary>
internal sealed class OperationWriter(Utf8JsonWriter json, SchemaWriter schemas, OpenApiVersion version)
{
    private static readonly string[] Bodies = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
    private static readonly string[] Answers = ["application/json"];
    private static readonly string[] Streams = ["application/json", "application/json;stream=watch"];

    private static readonly string[] Patches =
        ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"];

    private bool IsV2 => version == OpenApiVersion.V2;

    public void Write(RestPath path)
    {
        json.WriteStartObject(path.Path);
        foreach (var operation in path.Operations) Operation(path, operation);
        Parameters(path.Parameters, null, false);
        json.WriteEndObject();
    }

    private void Operation(RestPath path, RestOperation operation)
    {
        json.WriteStartObject(operation.Method);
        json.WriteString("description", Describe(path, operation));
        json.WriteString("operationId", path.OperationId(operation));
        Texts("tags", [path.Tag]);
        if (IsV2)
        {
            Texts("consumes", Consumed(operation));
            Texts("produces", Produced(operation));
            Texts("schemes", ["https"]);
        }
        var body = Body(path, operation);
        Parameters(Parameter.Query(operation), IsV2 ? body : null, Demanded(operation));
        if (!IsV2 && body is not null) RequestBody(body, operation);
        Responses(path, operation);
        json.WriteString("x-kubernetes-action", operation.Action);
        json.WriteStartObject("x-kubernetes-group-version-kind");
        SchemaWriter.GroupVersionKind(json, path.Body.Group, path.Body.Version, path.Body.Kind);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Describe(RestPath path, RestOperation operation)
    {
        var part = path.Subresource.Length > 0 ? $"{path.Subresource} of the {path.Kind.Kind}" : path.Kind.Kind;
        return operation.Action switch
        {
            "list" => $"lists or watches {path.Kind.Kind} objects" + (path.Scope == PathScope.AllNamespaces ? " of all namespaces" : ""),
            "post" => path.Subresource.Length > 0 ? $"posts a {path.Body.Kind} to the {part}" : $"creates a {part}",
            "deletecollection" => $"deletes the selected {path.Kind.Kind} objects",
            "get" => $"reads the {part}",
            "put" => $"replaces the {part}",
            "patch" => $"changes parts of the {part}",
            _ => $"deletes the {part}",
        };
    }

    private static string? Body(RestPath path, RestOperation operation) => operation.Action switch
    {
        "post" or "put" => Definitions.NameOf(path.Body.Type),
        "patch" => ScalarDefinition.Patch.Name,
        "delete" or "deletecollection" => Definitions.NameOf(typeof(DeleteOptions)),
        _ => null,
    };

    private static bool Demanded(RestOperation operation) => operation.Action is "post" or "put" or "patch";

    private static string[] Consumed(RestOperation operation) => operation.Action == "patch" ? Patches : Bodies;

    private static string[] Produced(RestOperation operation) => operation.Action == "list" ? Streams : Answers;

    private void Parameters(IEnumerable<Parameter> parameters, string? body, bool demanded)
    {
        json.WriteStartArray("parameters");
        if (body is not null)
        {
            json.WriteStartObject();
            json.WriteString("in", "body");
            json.WriteString("name", "body");
            if (demanded) json.WriteBoolean("required", true);
            Schema(body);
            json.WriteEndObject();
        }
        foreach (var parameter in parameters) Write(parameter);
        json.WriteEndArray();
    }

    private void Write(Parameter parameter)
    {
        json.WriteStartObject();
        json.WriteString("description", parameter.Description);
        json.WriteString("in", parameter.In);
        json.WriteString("name", parameter.Title);
        if (parameter.Required) json.WriteBoolean("required", true);
        if (!IsV2) json.WriteStartObject("schema");
        json.WriteString("type", parameter.Type);
        json.WriteBoolean("uniqueItems", true);
        if (!IsV2) json.WriteEndObject();
        json.WriteEndObject();
    }

    private void RequestBody(string body, RestOperation operation)
    {
        json.WriteStartObject("requestBody");
        Content(body, Consumed(operation));
        if (Demanded(operation)) json.WriteBoolean("required", true);
        json.WriteEndObject();
    }

    private void Responses(RestPath path, RestOperation operation)
    {
        var answer = operation.Action switch
        {
            "list" => Definitions.ListNameOf(path.Body.Type),
            "delete" or "deletecollection" => Definitions.NameOf(typeof(Status)),
            _ => Definitions.NameOf(path.Body.Type),
        };
        json.WriteStartObject("responses");
        Response("200", "OK", answer, operation);
        if (operation.Action is "post" or "put" or "patch") Response("201", "Created", answer, operation);
        if (operation.Action is "post" or "delete") Response("202", "Accepted", answer, operation);
        Response("401", "Unauthorized", null, operation);
        json.WriteEndObject();
    }

    private void Response(string code, string description, string? answer, RestOperation operation)
    {
        json.WriteStartObject(code);
        json.WriteString("description", description);
        if (answer is not null && IsV2) Schema(answer);
        else if (answer is not null) Content(answer, Produced(operation));
        json.WriteEndObject();
    }

    private void Content(string type, string[] mediaTypes)
    {
        json.WriteStartObject("content");
        foreach (var mediaType in mediaTypes)
        {
            json.WriteStartObject(mediaType);
            Schema(type);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private void Schema(string type)
    {
        json.WriteStartObject("schema");
        schemas.Reference(type);
        json.WriteEndObject();
    }

    private void Texts(string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}

using System.Text.Json;
using KubeApi;
using KubeApi.Objects;
using KubeApi.Schema;

namespace ControlPlane.OpenApi;

/// <summary>Writes the definitions of types as JSON schemas with Kubernetes' extensions, for version 2 or 3 of OpenAPI.</summary>
internal sealed class SchemaWriter(Utf8JsonWriter json, Descriptions descriptions, OpenApiVersion version)
{
    private string Prefix => version == OpenApiVersion.V2 ? "#/definitions/" : "#/components/schemas/";

    /// <summary>All definitions, sorted by name, as properties of the object that is being written.</summary>
    public void Write(Definitions definitions, IReadOnlyList<(string Group, string Version)> groupVersions)
    {
        var writers = definitions.Records.Select(entry => (entry.Key, Write: (Action)(() => Record(entry.Value, groupVersions))))
            .Concat(definitions.Scalars.Select(entry => (entry.Key, Write: (Action)(() => Scalar(entry.Value)))))
            .Concat(definitions.Lists.Select(entry => (entry.Key, Write: (Action)(() => List(entry.Value)))));
        foreach (var (name, write) in writers.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(name);
            write();
            json.WriteEndObject();
        }
    }

    /// <summary>A reference as the only content of the object that is being written.</summary>
    public void Reference(string name) => json.WriteString("$ref", Prefix + name);

    /// <summary>The extension by which kubectl finds the type or operation of a kind.</summary>
    public static void GroupVersionKind(Utf8JsonWriter json, string group, string version, string kind)
    {
        json.WriteString("group", group);
        json.WriteString("kind", kind);
        json.WriteString("version", version);
    }

    private void Record(Type type, IReadOnlyList<(string Group, string Version)> groupVersions)
    {
        var schema = TypeSchema.Of(type);
        Description(descriptions.Of(type));
        json.WriteString("type", "object");
        Required(schema.Fields.Values.Where(field => field.Rules.Required || schema.ApiType!.MetadataRequired && field.Name == "metadata").Select(field => field.Name));
        if (schema.Fields.Count > 0)
        {
            json.WriteStartObject("properties");
            foreach (var field in schema.Fields.Values.OrderBy(field => field.Name, StringComparer.Ordinal)) Property(field);
            json.WriteEndObject();
        }
        if (type == typeof(DeleteOptions)) Kinds(groupVersions.Select(place => (place.Group, place.Version, nameof(DeleteOptions))));
        else if (type == typeof(Status)) Kinds([("", "v1", nameof(Status))]);
        else if (type.IsSubclassOf(typeof(KubeObject))) Kinds([Place(Resource.Of(type), "")]);
        if (schema.ApiType!.Atomic) json.WriteString("x-kubernetes-map-type", "atomic");
        if (schema.ApiType.Union.Length > 0) Union(schema.ApiType);
    }

    private static (string Group, string Version, string Kind) Place(Resource resource, string suffix) => (resource.Group, resource.Version, resource.Kind + suffix);

    private void List(Resource kind)
    {
        var names = TypeSchema.Of(typeof(KubeType)).Fields;
        Description($"A list of {kind.Kind} objects, as far as the request asked for them.");
        json.WriteString("type", "object");
        Required(["items"]);
        json.WriteStartObject("properties");
        Property(names["apiVersion"]);
        json.WriteStartObject("items");
        Description($"The objects; an empty list if there are none.");
        Items(() => Reference(Definitions.NameOf(kind.Type)));
        json.WriteEndObject();
        Property(names["kind"]);
        json.WriteStartObject("metadata");
        Referring("What belongs to the list as a whole: the version it was read at, and the token of the next page.", Definitions.NameOf(typeof(ListMeta)));
        json.WriteEndObject();
        json.WriteEndObject();
        Kinds([Place(kind, "List")]);
    }

    private void Scalar(ScalarDefinition scalar)
    {
        Description(scalar.Description);
        if (version == OpenApiVersion.V3 && scalar.OneOf.Count > 0)
        {
            json.WriteStartArray("oneOf");
            foreach (var type in scalar.OneOf)
            {
                json.WriteStartObject();
                json.WriteString("type", type);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        else json.WriteString("type", scalar.Type);
        if (scalar.Format is not null) json.WriteString("format", scalar.Format);
    }

    private void Property(FieldSchema field)
    {
        json.WriteStartObject(field.Name);
        if (Named(field.Type, field.Name) is { } name) Referring(descriptions.Of(field), name);
        else
        {
            Description(descriptions.Of(field));
            Shape(field.Type, field.Name);
        }
        var rules = field.Rules;
        if (rules.Default is { } assumed) json.WriteString("default", assumed);
        if (rules.ListMapKeys is { } keys) Texts("x-kubernetes-list-map-keys", keys.Split(','));
        if (rules.List != ListType.None) json.WriteString("x-kubernetes-list-type", rules.List.ToString().ToLowerInvariant());
        if (rules.AtomicMap) json.WriteString("x-kubernetes-map-type", "atomic");
        if (rules.MergeKey is { } mergeKey) json.WriteString("x-kubernetes-patch-merge-key", mergeKey);
        if (rules.Patch != PatchStrategy.None) json.WriteString("x-kubernetes-patch-strategy", Strategy(rules.Patch));
        json.WriteEndObject();
    }

    private static string Strategy(PatchStrategy strategy) => string.Join(',', Enum.GetValues<PatchStrategy>().Where(flag => flag != PatchStrategy.None && strategy.HasFlag(flag))
        .Select(flag => char.ToLowerInvariant(flag.ToString()[0]) + flag.ToString()[1..]));

    private static string? Named(WireType type, string field) =>
        type.Shape == WireShape.Object ? Definitions.NameOf(type.Clr) : ScalarDefinition.Of(type, field)?.Name;

    /// <summary>A named type with a text of its own: beside the reference in version 2, around it in version 3, where nothing may stand beside one.</summary>
    private void Referring(string? description, string name)
    {
        Description(description);
        if (version == OpenApiVersion.V2) Reference(name);
        else
        {
            json.WriteStartArray("allOf");
            json.WriteStartObject();
            Reference(name);
            json.WriteEndObject();
            json.WriteEndArray();
        }
    }

    private void Shape(WireType type, string field)
    {
        if (Named(type, field) is { } name) Reference(name);
        else if (type.Shape == WireShape.List) Items(() => Shape(type.Element!, field));
        else if (type.Shape == WireShape.Map)
        {
            json.WriteString("type", "object");
            json.WriteStartObject("additionalProperties");
            Shape(type.Element!, field);
            json.WriteEndObject();
        }
        else
        {
            var (plain, format) = Plain(type);
            json.WriteString("type", plain);
            if (format is not null) json.WriteString("format", format);
        }
    }

    private static (string Type, string? Format) Plain(WireType type) => type.Shape switch
    {
        WireShape.Number => ("integer", type.Clr == typeof(int) ? "int32" : "int64"),
        WireShape.Flag => ("boolean", null),
        WireShape.Bytes => ("string", "byte"),
        _ => ("string", null),
    };

    private void Items(Action write)
    {
        json.WriteString("type", "array");
        json.WriteStartObject("items");
        write();
        json.WriteEndObject();
    }

    private void Description(string? text)
    {
        if (text is not null) json.WriteString("description", text);
    }

    private void Required(IEnumerable<string> fields)
    {
        if (fields.Order(StringComparer.Ordinal).ToList() is { Count: > 0 } names) Texts("required", names);
    }

    private void Texts(string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private void Kinds(IEnumerable<(string Group, string Version, string Kind)> kinds)
    {
        json.WriteStartArray("x-kubernetes-group-version-kind");
        foreach (var (group, itsVersion, kind) in kinds)
        {
            json.WriteStartObject();
            GroupVersionKind(json, group, itsVersion, kind);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void Union(ApiTypeAttribute type)
    {
        json.WriteStartArray("x-kubernetes-unions");
        json.WriteStartObject();
        if (type.UnionDiscriminator.Length > 0) json.WriteString("discriminator", type.UnionDiscriminator);
        json.WriteStartObject("fields-to-discriminateBy");
        json.WriteString(type.Union, char.ToUpperInvariant(type.Union[0]) + type.Union[1..]);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }
}

using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using KubeApi;
using KubeApi.Objects;
using KubeApi.Schema;

namespace UnitTests.KubeApi;

/// <summary>The records against the published facts: types, fields, rules and protobuf numbers, both ways.</summary>
public class ApiFieldsTests
{
    [ApiFieldsFact]
    public void Every_record_has_exactly_the_published_fields_with_their_types_rules_and_numbers()
    {
        using var facts = JsonDocument.Parse(File.ReadAllBytes(ApiFieldsFactAttribute.File!));
        var records = typeof(KubeObject).Assembly.GetTypes()
            .Where(type => type.GetCustomAttribute<ApiTypeAttribute>() is { } api && !api.Name.StartsWith("io.k8s.metrics.", StringComparison.Ordinal)).ToList(); // those are of metrics-server
        Assert.True(records.Count > 150, $"only {records.Count} records found");
        var differences = string.Join('\n', records.Where(type => !type.Name.EndsWith("V1Beta1", StringComparison.Ordinal)).SelectMany(type => Differences(type, facts.RootElement)));
        Assert.True(differences.Length == 0, differences);
    }

    [ApiFieldsFact]
    public void Every_kind_stands_where_the_API_has_it()
    {
        using var facts = JsonDocument.Parse(File.ReadAllBytes(ApiFieldsFactAttribute.File!));
        var paths = facts.RootElement.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToHashSet();
        foreach (var kind in ControlPlane.Registry.Kinds.All.Where(kind => kind.Deprecation is null && kind.Resource.Group != "metrics.k8s.io")) // the facts are of kube-apiserver, and of the present versions only
        {
            var path = kind.Resource.Path(kind.Resource.Namespaced ? "{namespace}" : "", kind.IsVirtual ? null : "NAME");
            Assert.Contains(path.Replace("NAME", "{name}"), paths);
        }
    }

    private static IEnumerable<string> Differences(Type type, JsonElement facts)
    {
        var attribute = type.GetCustomAttribute<ApiTypeAttribute>()!;
        if (!facts.GetProperty("definitions").TryGetProperty(attribute.Name, out var definition)) return [$"{attribute.Name}: no such type"];
        var expected = Published(attribute.Name, definition, facts);
        var actual = Declared(type);
        return expected.Except(actual).Select(line => $"{attribute.Name}: missing   {line}")
            .Concat(actual.Except(expected).Select(line => $"{attribute.Name}: too much  {line}"));
    }

    /// <summary>One line per fact: <c>name: type [rules] #number</c>, and the facts of the type as a whole.</summary>
    private static HashSet<string> Published(string name, JsonElement definition, JsonElement facts)
    {
        var lines = new HashSet<string>();
        var inline = definition.TryGetProperty("protobufInline", out var messages) ? messages.EnumerateObject().Single().Value.GetString()!.Split(" #") : null;
        foreach (var field in definition.GetProperty("fields").EnumerateObject())
        {
            if (field.Name is "kind" or "apiVersion" && definition.TryGetProperty("gvk", out _)) continue;
            var fact = field.Value.GetString()!;
            if (!fact.Contains('#') && inline is not null)
                fact += " inline " + facts.GetProperty("protobufInlineMessages").GetProperty($"{name[..name.LastIndexOf('.')]}.{inline[0]}").GetProperty(field.Name).GetString();
            if (field.Name == "metadata") fact = fact.Replace(" [required]", ""); // one property for all kinds; the registry demands it
            lines.Add($"{field.Name}: {fact}");
        }
        if (inline is not null) lines.Add($"inline message #{inline[1]}");
        if (definition.TryGetProperty("mapType", out var mapType)) lines.Add($"mapType={mapType.GetString()}");
        return lines;
    }

    private static HashSet<string> Declared(Type type)
    {
        var lines = new HashSet<string>();
        foreach (var property in type.GetProperties())
        {
            if (property.GetCustomAttribute<FieldAttribute>() is not { } field) continue;
            var name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            lines.Add($"{name}: {TypeName(property.PropertyType, property)}{Rules(field)}{(field.Inline ? " inline" : "")} #{field.Number}");
        }
        if (type.GetCustomAttribute<ProtobufInlineAttribute>() is { } inline) lines.Add($"inline message #{inline.Number}");
        if (type.GetCustomAttribute<ApiTypeAttribute>()!.Atomic) lines.Add("mapType=atomic");
        return lines;
    }

    private static string Rules(FieldAttribute field)
    {
        var strategies = Enum.GetValues<PatchStrategy>().Where(s => s != PatchStrategy.None && field.Patch.HasFlag(s)).Select(s => s switch
        {
            PatchStrategy.RetainKeys => "retainKeys",
            PatchStrategy.Replace => "replace",
            _ => "merge",
        });
        var rules = new List<string>();
        if (field.Required) rules.Add("required");
        if (field.MergeKey is { } key) rules.Add($"mergeKey={key}");
        if (field.Patch != PatchStrategy.None) rules.Add($"patchStrategy={string.Join(',', strategies)}");
        if (field.List != ListType.None) rules.Add($"listType={field.List.ToString().ToLowerInvariant()}");
        if (field.ListMapKeys is { } keys) rules.Add($"listMapKeys={keys}");
        if (field.AtomicMap) rules.Add("mapType=atomic");
        return rules.Count == 0 ? "" : $" [{string.Join("; ", rules)}]";
    }

    private static string TypeName(Type type, PropertyInfo property)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(byte[])) return "string:byte";
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return "[]" + TypeName(type.GetGenericArguments()[0], property);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)) return "map[string]" + TypeName(type.GetGenericArguments()[1], property);
        if (type == typeof(DateTime))
            return "io.k8s.apimachinery.pkg.apis.meta.v1." + (property.GetCustomAttribute<JsonConverterAttribute>()?.ConverterType == typeof(MicroTimeConverter) ? "MicroTime" : "Time");
        if (type == typeof(JsonElement)) return "io.k8s.apimachinery.pkg.runtime.RawExtension";
        return type.GetCustomAttribute<ApiTypeAttribute>()?.Name ?? type.Name switch
        {
            "String" => "string",
            "Int32" => "int32",
            "Int64" => "int64",
            "Boolean" => "boolean",
            "Double" => "double",
            nameof(FieldsV1) => "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
            nameof(Quantity) => "io.k8s.apimachinery.pkg.api.resource.Quantity",
            nameof(IntOrString) => "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
            var other => other,
        };
    }
}

using System.Text.Json.Nodes;
using ControlPlane.OpenApi;
using ControlPlane.Registry;
using KubeApi;
using KubeApi.Objects;
using KubeApi.Schema;
using Xunit;

namespace UnitTests.OpenApi;

/// <summary>The documents by themselves: complete, without loose ends, and true to the schema of the records.</summary>
public sealed class OpenApiDocumentTests
{
    private static readonly JsonObject V2 = JsonNode.Parse(OpenApiDocument.V2().Span)!.AsObject();

    private static readonly Dictionary<string, JsonObject> V3 =
        OpenApiDocument.GroupVersions.Select(place => place.Group.Length == 0 ? place.Version : $"{place.Group}/{place.Version}")
            .ToDictionary(place => place, place => JsonNode.Parse(OpenApiDocument.V3(place).Span)!.AsObject());

    [Fact]
    public void Every_reference_leads_to_a_definition()
    {
        AssertResolved(V2, "#/definitions/", V2["definitions"]!.AsObject());
        foreach (var document in V3.Values) AssertResolved(document, "#/components/schemas/", document["components"]!["schemas"]!.AsObject());
    }

    [Fact]
    public void Every_kind_is_found_by_its_group_version_and_kind_and_so_is_its_patch()
    {
        foreach (var kind in Kinds.All)
        {
            var definition = V2["definitions"]![Definitions.NameOf(kind.Resource.Type)]!;
            var place = Assert.Single(definition["x-kubernetes-group-version-kind"]!.AsArray())!;
            Assert.Equal((kind.Resource.Group, kind.Resource.Version, kind.Resource.Kind), ((string)place["group"]!, (string)place["version"]!, (string)place["kind"]!));
            if (!kind.Verbs.Contains("patch")) continue;
            var patch = V2["paths"]![kind.Resource.Path("{namespace}", null) + "/{name}"]!["patch"]!;
            Assert.Equal(kind.Resource.Kind, (string?)patch["x-kubernetes-group-version-kind"]!["kind"]);
            Assert.Superset(new HashSet<string?>(["dryRun", "fieldManager", "fieldValidation"]), patch["parameters"]!.AsArray().Select(parameter => (string?)parameter!["name"]).ToHashSet());
        }
    }

    [Fact]
    public void The_definitions_say_what_the_records_say()
    {
        var fields = 0;
        foreach (var (name, type) in new Definitions(RestPath.All()).Records)
        {
            var definition = V2["definitions"]![name]!;
            var schema = TypeSchema.Of(type);
            Assert.Equal(schema.Fields.Keys.Order(), (definition["properties"]?.AsObject() ?? []).Select(entry => entry.Key).Order());
            foreach (var field in schema.Fields.Values)
            {
                var property = definition["properties"]![field.Name]!;
                Assert.Equal(field.Rules.MergeKey, (string?)property["x-kubernetes-patch-merge-key"]);
                Assert.Equal(field.Rules.List == ListType.None ? null : field.Rules.List.ToString().ToLowerInvariant(), (string?)property["x-kubernetes-list-type"]);
                Assert.Equal(field.Type.Shape == WireShape.List, (string?)property["type"] == "array");
                fields++;
            }
        }
        Assert.True(fields > 900, $"only {fields} fields");
    }

    /// <summary>Facts of the published API, one of each sort.</summary>
    [Theory]
    [InlineData("core.v1.PodSpec", "containers", "merge", "name", "map", "name")]
    [InlineData("core.v1.PodSpec", "volumes", "merge,retainKeys", "name", "map", "name")]
    [InlineData("core.v1.Container", "ports", "merge", "containerPort", "map", "containerPort,protocol")]
    [InlineData("core.v1.ServiceSpec", "ports", "merge", "port", "map", "port,protocol")]
    [InlineData("core.v1.PodSpec", "tolerations", null, null, "atomic", null)]
    [InlineData("apps.v1.DeploymentSpec", "strategy", "retainKeys", null, null, null)]
    public void Rules_of_patches_are_Kubernetes_own(string type, string field, string? strategy, string? mergeKey, string? list, string? keys)
    {
        var property = V2["definitions"]![$"io.k8s.api.{type}"]!["properties"]![field]!;
        Assert.Equal(strategy, (string?)property["x-kubernetes-patch-strategy"]);
        Assert.Equal(mergeKey, (string?)property["x-kubernetes-patch-merge-key"]);
        Assert.Equal(list, (string?)property["x-kubernetes-list-type"]);
        Assert.Equal(keys, property["x-kubernetes-list-map-keys"] is JsonArray names ? string.Join(',', names) : null);
    }

    [Theory]
    [InlineData("core.v1.ContainerPort", "hostPort", "integer", "int32")]
    [InlineData("core.v1.PodSpec", "terminationGracePeriodSeconds", "integer", "int64")]
    [InlineData("core.v1.PodSpec", "hostNetwork", "boolean", null)]
    [InlineData("core.v1.ConfigMap", "immutable", "boolean", null)]
    public void Scalars_have_their_type_and_format(string type, string field, string wire, string? format)
    {
        var property = V2["definitions"]![$"io.k8s.api.{type}"]!["properties"]![field]!;
        Assert.Equal(wire, (string?)property["type"]);
        Assert.Equal(format, (string?)property["format"]);
        Assert.Equal("byte", (string?)V2["definitions"]!["io.k8s.api.core.v1.Secret"]!["properties"]!["data"]!["additionalProperties"]!["format"]);
        Assert.Equal("int-or-string", (string?)V2["definitions"]!["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]!["format"]);
    }

    [Fact]
    public void Every_type_and_every_field_has_a_description()
    {
        var descriptions = Descriptions.Load();
        var types = typeof(KubeObject).Assembly.GetTypes().Where(type => type.IsClass && type.IsPublic && TypeSchema.Of(type).ApiType is not null).ToList();
        var texts = types.Select(type => (Name: type.Name, Text: descriptions.Of(type)))
            .Concat(types.SelectMany(type => TypeSchema.Of(type).Fields.Values.Select(field => (Name: $"{type.Name}.{field.Name}", Text: descriptions.Of(field))))).ToList();
        Assert.True(texts.Count > 1300, $"only {texts.Count} types and fields");
        // A sentence that says more than the name of the field does. kubectl 1.20 takes a % for a directive of its own and prints rubbish.
        var poor = texts.Where(entry => entry.Text is not { Length: > 10 } text || !char.IsUpper(text[0]) || !text.EndsWith('.') || text.Contains('%'));
        Assert.Equal("", string.Join("\n", poor.Select(entry => $"{entry.Name}: {entry.Text}")));
    }

    [Fact]
    public void Both_versions_define_the_same_fields()
    {
        foreach (var document in V3.Values)
            foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject())
            {
                var old = V2["definitions"]![name]!;
                Assert.Equal((string?)old["description"], (string?)schema!["description"]);
                Assert.Equal(Names(old), Names(schema));
            }

        static List<string> Names(JsonNode schema) => schema["properties"]?.AsObject().Select(entry => $"{entry.Key} {entry.Value!["description"]}").ToList() ?? [];
    }

    [Fact]
    public void Operations_have_names_of_their_own_and_follow_from_the_verbs_of_their_kind()
    {
        var operations = V2["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Where(member => member.Key != "parameters").Select(member => member.Value!)).ToList();
        Assert.Equal(operations.Count, operations.Select(operation => (string?)operation["operationId"]).Distinct().Count());
        var names = operations.Select(operation => (string?)operation["operationId"]).ToHashSet();
        Assert.Superset(new HashSet<string?>(["listCoreV1NamespacedPod", "listCoreV1PodForAllNamespaces", "deleteCoreV1CollectionNamespacedPod", "readCoreV1NamespacedPodStatus",
            "patchAppsV1NamespacedDeploymentScale", "createCoreV1NamespacedPodBinding", "replaceCoreV1NamespaceFinalize", "createCoreV1Node"]), names);
        Assert.DoesNotContain("deleteCoreV1CollectionNamespace", names);
    }

    private static void AssertResolved(JsonNode? node, string prefix, JsonObject definitions)
    {
        if (node is JsonArray list) foreach (var item in list) AssertResolved(item, prefix, definitions);
        if (node is not JsonObject map) return;
        foreach (var (name, value) in map)
            if (name == "$ref") Assert.True(definitions.ContainsKey(((string)value!)[prefix.Length..]), $"{value} is not defined");
            else AssertResolved(value, prefix, definitions);
    }
}

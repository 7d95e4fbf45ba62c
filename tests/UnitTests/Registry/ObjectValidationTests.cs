using KubeApi;
using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>Metadata in general and the simple kinds.</summary>
public class ObjectValidationTests
{
    [Theory]
    [InlineData("{}", "metadata.name: Required value: name or generateName is required")]
    [InlineData("{name: a, labels: {'x/y/z': v}}", "metadata.labels: Invalid value: \"x/y/z\": a qualified name must consist of alphanumeric characters, "
        + "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')")]
    [InlineData("{name: a, labels: {k: 'a b'}}", "metadata.labels: Invalid value: \"a b\": a valid label must be an empty string or consist of alphanumeric "
        + "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")]
    [InlineData("{name: a, finalizers: [mine]}", "metadata.finalizers[0]: Invalid value: \"mine\": name is neither a standard finalizer name nor is it fully qualified")]
    [InlineData("{name: a, ownerReferences: [{apiVersion: v1, kind: Pod, name: p}]}", "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty")]
    [InlineData("{name: a, namespace: B}", "metadata.namespace: Invalid value: \"B\": a lowercase RFC 1123 label must consist of lower case alphanumeric "
        + "characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')")]
    public void Broken_metadata_is_told_what_is_wrong(string metadata, string error) => Assert.Equal([error], Manifest.Errors<ConfigMap>("metadata: " + metadata));

    [Fact]
    public void Two_controllers_of_one_object_are_one_too_many() => Assert.EndsWith(
        "Only one reference can have Controller set to true. Found \"true\" in references for ReplicaSet/a and ReplicaSet/b",
        Manifest.Errors<ConfigMap>("""
            metadata:
              name: a
              ownerReferences:
              - {apiVersion: apps/v1, kind: ReplicaSet, name: a, uid: u1, controller: true}
              - {apiVersion: apps/v1, kind: ReplicaSet, name: b, uid: u2, controller: true}
            """).Single());

    [Fact]
    public void Annotations_may_hold_256_KiB() => Assert.Equal(["metadata.annotations: Too long: may not be more than 262144 bytes"],
        Manifest.Errors<ConfigMap>($"metadata: {{name: a, annotations: {{k: {new string('x', 256 * 1024)}}}}}"));

    [Fact]
    public void Identity_may_not_change_and_the_rest_of_what_the_server_sets_stays()
    {
        var old = Manifest.Create<ConfigMap>("metadata: {name: a}") with
        {
            Metadata = new ObjectMeta { Name = "a", Namespace = "default", Uid = "u1", CreationTimestamp = new DateTime(2026, 1, 1), DeletionTimestamp = new DateTime(2026, 1, 2), Finalizers = ["x/y"] },
        };
        var (kept, errors) = Manifest.TryUpdate(old, old with { Metadata = new ObjectMeta { Name = "a", Namespace = "default" } });
        Assert.Equal([], errors);
        Assert.Equal(("u1", old.Metadata.CreationTimestamp, old.Metadata.DeletionTimestamp), (kept.Metadata.Uid, kept.Metadata.CreationTimestamp, kept.Metadata.DeletionTimestamp));
        Assert.Equal(["metadata.name: Invalid value: \"b\": field is immutable", "metadata.uid: Invalid value: \"u2\": field is immutable"],
            Manifest.TryUpdate(old, old with { Metadata = old.Metadata with { Name = "b", Uid = "u2" } }).Errors);
        Assert.Equal(["metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"z/z\"}"],
            Manifest.TryUpdate(old, old with { Metadata = old.Metadata with { Finalizers = ["x/y", "z/z"] } }).Errors);
    }

    [Fact]
    public void A_tls_secret_has_certificate_and_key() => Assert.Equal(["data[tls.crt]: Required value", "data[tls.key]: Required value"],
        Manifest.Errors<Secret>("{metadata: {name: s}, type: kubernetes.io/tls}"));

    [Fact]
    public void StringData_is_merged_into_data_and_wins()
    {
        var secret = Manifest.Create<Secret>("{metadata: {name: s}, data: {a: b2xk, b: b2xk}, stringData: {a: new}}");
        Assert.Equal("""{"metadata":{"name":"s","namespace":"default"},"data":{"a":"bmV3","b":"b2xk"},"type":"Opaque"}""", Manifest.Wire(secret));
    }

    [Fact]
    public void An_immutable_secret_stays_what_it_is()
    {
        var old = Manifest.Create<Secret>("{metadata: {name: s}, immutable: true, data: {a: b2xk}}");
        Assert.Equal(["immutable: Forbidden: field is immutable when `immutable` is set", "data: Forbidden: field is immutable when `immutable` is set"],
            Manifest.TryUpdate(old, old with { Immutable = null, Data = null }).Errors);
        Assert.Equal(["type: Invalid value: \"other\": field is immutable"], Manifest.TryUpdate(old, old with { Type = "other" }).Errors);
    }

    [Fact]
    public void A_config_map_may_hold_1_MiB()
    {
        Assert.Equal([], Manifest.Errors<ConfigMap>($"{{metadata: {{name: a}}, data: {{k: {new string('x', 1 << 20)}}}}}"));
        Assert.Equal(["[]: Too long: may not be more than 1048576 bytes"], Manifest.Errors<ConfigMap>($"{{metadata: {{name: a}}, data: {{k: {new string('x', (1 << 20) + 1)}}}}}"));
    }

    [Fact]
    public void A_namespace_starts_active_with_the_finalizer_of_the_server_and_its_name_as_label()
    {
        var ns = Manifest.Create<Namespace>("metadata: {name: n}");
        Assert.Equal("""{"metadata":{"name":"n","labels":{"kubernetes.io/metadata.name":"n"}},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}""", Manifest.Wire(ns));
        var (updated, _) = Manifest.TryUpdate(ns, ns with { Spec = null });
        Assert.Equal(["kubernetes"], updated.Spec!.Finalizers);
    }

    [Theory]
    [InlineData("127.0.0.1", "may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("169.254.1.1", "may not be in the link-local range (169.254.0.0/16, fe80::/10)")]
    [InlineData("0.0.0.0", "may not be unspecified (0.0.0.0)")]
    [InlineData("10.244.1", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    public void An_endpoint_may_not_lead_back_into_the_node(string ip, string problem) =>
        Assert.Equal([$"subsets[0].addresses[0].ip: Invalid value: \"{ip}\": {problem}"],
            Manifest.Errors<Endpoints>($"{{metadata: {{name: e}}, subsets: [{{addresses: [{{ip: {ip}}}], ports: [{{port: 80}}]}}]}}"));

    [Fact]
    public void A_slice_has_one_type_of_address_for_good()
    {
        Assert.Equal(["endpoints[0].addresses[0]: Invalid value: \"::1\": must be a valid IPv4 address"],
            Manifest.Errors<EndpointSlice>("{metadata: {name: e}, addressType: IPv4, endpoints: [{addresses: ['::1']}]}"));
        var old = Manifest.Create<EndpointSlice>("{metadata: {name: e}, addressType: IPv4}");
        Assert.Equal(["addressType: Invalid value: \"IPv6\": field is immutable"], Manifest.TryUpdate(old, old with { AddressType = "IPv6" }).Errors);
    }

    [Fact]
    public void The_pod_range_of_a_node_is_given_once()
    {
        var old = Manifest.Create<Node>("{metadata: {name: n}, spec: {podCIDR: 10.244.1.0/24, podCIDRs: [10.244.1.0/24]}}");
        Assert.Equal(["spec: Forbidden: node updates may not change podCIDR except from \"\" to valid"],
            Manifest.TryUpdate(old, old with { Spec = new NodeSpec { PodCIDR = "10.244.2.0/24", PodCIDRs = ["10.244.2.0/24"] } }).Errors);
    }

    [Fact]
    public void Every_kind_takes_an_empty_object_without_falling_over()
    {
        foreach (var kind in ControlPlane.Registry.Kinds.All)
        {
            var obj = (KubeObject)System.Text.Json.JsonSerializer.Deserialize("{}", kind.Resource.Type, KubeJson.Options)!;
            var created = kind.PrepareForCreate(kind.Default(obj));
            var errors = new ControlPlane.Registry.FieldErrors();
            kind.ValidateCreate(created, errors);
            kind.ValidateUpdate(created, kind.PrepareForUpdate(created, created), errors);
            Assert.Contains(errors.Causes, cause => cause.Field == "metadata.name");
            Assert.Equal(kind.Columns.Count, kind.Cells(obj, DateTime.UnixEpoch).Count);
            Assert.All(kind.SelectableFields, field => _ = kind.SelectableField(obj, field));
            Assert.Equal(kind is ControlPlane.Registry.EndpointsRegistry ? 1 : 0, kind.Warnings(created).Count()); // those are deprecated
        }
    }
}

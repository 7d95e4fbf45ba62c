using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>What the API server checks of the fields by which pods are scheduled.</summary>
public class SchedulingFieldsTests
{
    private static string Text(string spec) => $"metadata: {{name: p}}\nspec: {{{spec}, containers: [{{name: a, image: i}}]}}";

    private static Pod Pod(string spec) => Manifest.Create<Pod>(Text(spec));

    [Theory]
    [InlineData("topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, minDomains: 2}]",
        "spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway")]
    [InlineData("topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, minDomains: 0}]",
        "spec.topologySpreadConstraints[0].minDomains: Invalid value: 0: must be greater than zero")]
    [InlineData("topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, nodeTaintsPolicy: Maybe}]",
        "spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: \"Maybe\": supported values: \"Honor\", \"Ignore\"")]
    [InlineData("topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}, {maxSkew: 2, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]",
        "spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: \"{zone, DoNotSchedule}\"")]
    [InlineData("topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [a]}]",
        "spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set")]
    [InlineData("topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {a: b}}, matchLabelKeys: [a]}]",
        "spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: \"a\": exists in both matchLabelKeys and labelSelector")]
    [InlineData("affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: zone, labelSelector: {}, matchLabelKeys: [a], mismatchLabelKeys: [a]}]}}",
        "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys[0]: Invalid value: \"a\": exists in both matchLabelKeys and mismatchLabelKeys")]
    [InlineData("schedulingGates: [{name: a}, {name: a}]", "spec.schedulingGates[1]: Duplicate value: \"a\"")]
    [InlineData("schedulingGates: [{name: a}], nodeName: n", "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared")]
    public void What_makes_no_sense_is_refused(string spec, string error) => Assert.Equal([error], Manifest.Errors<Pod>(Text(spec)));

    [Theory]
    [InlineData("affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: zone, labelSelector: {}, namespaceSelector: {}}]}}")]
    [InlineData("topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, minDomains: 2, labelSelector: {}}]")]
    [InlineData("overhead: {cpu: 100m}")]
    [InlineData("schedulingGates: [{name: example.com/a}]")]
    public void What_is_served_earns_no_warning(string spec) => Assert.Empty(Manifest.Warnings<Pod>(Text(spec)));

    [Fact]
    public void A_gated_pod_says_so_from_the_start()
    {
        var condition = Assert.Single(Pod("schedulingGates: [{name: a}]").Status!.Conditions!);
        Assert.Equal(("PodScheduled", "False", "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates"), (condition.Type, condition.Status, condition.Reason, condition.Message));
        Assert.Equal("SchedulingGated", Manifest.Row(Pod("schedulingGates: [{name: a}]"), DateTime.UtcNow).Split('|')[2]);
        Assert.Null(Pod("restartPolicy: Never").Status!.Conditions);
    }

    [Fact]
    public void Gates_can_be_removed_and_not_added()
    {
        var pod = Pod("schedulingGates: [{name: a}, {name: b}]");
        Pod With(params string[] gates) => pod with { Spec = pod.Spec! with { SchedulingGates = gates.Select(name => new PodSchedulingGate { Name = name }).ToList() } };
        Assert.Empty(Manifest.TryUpdate(pod, With("b")).Errors);
        Assert.Empty(Manifest.TryUpdate(pod, With()).Errors);
        Assert.Equal(["spec.schedulingGates: Forbidden: only deletion is allowed, but found new scheduling gate 'c'"], Manifest.TryUpdate(pod, With("a", "b", "c")).Errors);
    }

    private const string Terms = "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [EXPRESSIONS]}]}}}";

    private static string Required(params string[] keys) => Terms.Replace("EXPRESSIONS", string.Join(", ", keys.Select(key => $"{{key: {key}, operator: Exists}}")));

    [Theory]
    [InlineData("nodeSelector: {a: b}", "nodeSelector: {a: b, c: d}", null)]
    [InlineData("nodeSelector: {a: b}", "nodeSelector: {a: c}", "spec.nodeSelector: Invalid value")]
    [InlineData("restartPolicy: Always", "nodeSelector: {a: c}", null)]
    public void The_selector_of_a_gated_pod_takes_additions(string before, string after, string? error) => Narrow(before, after, error);

    [Fact]
    public void The_node_affinity_of_a_gated_pod_can_be_narrowed()
    {
        Narrow("restartPolicy: Always", Required("a"), null);
        Narrow(Required("a"), Required("a", "b"), null);
        Narrow(Required("a"), Required("b"), "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value");
        Narrow(Required("a"), "restartPolicy: Always", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Invalid value");
    }

    private static void Narrow(string before, string after, string? error)
    {
        var old = Pod(before + ", schedulingGates: [{name: a}]");
        var updated = old with { Spec = Pod(after + ", schedulingGates: [{name: a}]").Spec };
        var errors = Manifest.TryUpdate(old, updated).Errors;
        if (error is null) Assert.Empty(errors);
        else Assert.StartsWith(error, Assert.Single(errors));
        Assert.NotEmpty(Manifest.TryUpdate(Pod(before), Pod(after)).Errors); // without gates nothing of this may change
    }
}

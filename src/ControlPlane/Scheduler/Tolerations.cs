using KubeApi.Objects;

namespace ControlPlane.Scheduler;

/// <summary>Taints keep pods away from nodes; tolerations let them stay (core/v1 Taint, Toleration).</summary>
internal static class Tolerations
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string Unschedulable = "node.kubernetes.io/unschedulable";

    public static bool Tolerate(IEnumerable<Toleration>? tolerations, Taint taint) =>
        tolerations?.Any(toleration => Tolerates(toleration, taint)) == true;

    /// <summary>An empty effect tolerates all effects; an empty key with operator Exists tolerates all taints.</summary>
    public static bool Tolerates(Toleration toleration, Taint taint)
    {
        if (!string.IsNullOrEmpty(toleration.Effect) && toleration.Effect != taint.Effect) return false;
        var exists = toleration.Operator == "Exists";
        if (string.IsNullOrEmpty(toleration.Key)) return exists;
        return toleration.Key == taint.Key && (exists || (toleration.Value ?? "") == (taint.Value ?? ""));
    }

    /// <summary>
    /// The node's taints and those that its state implies, before the node controller has written them: a pod must not
    /// land on a node that has just been lost.
    /// </summary>
    public static IEnumerable<Taint> EffectiveTaints(Node node)
    {
        var taints = node.Spec?.Taints ?? [];
        foreach (var taint in taints) yield return taint;
        var ready = node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status;
        var implied = new List<string>();
        if (ready != "True") implied.Add(ready == "Unknown" ? Unreachable : NotReady);
        if (node.Spec?.Unschedulable == true) implied.Add(Unschedulable);
        foreach (var key in implied.Where(key => !taints.Any(taint => taint.Key == key && taint.Effect == "NoSchedule")))
            yield return new Taint { Key = key, Effect = "NoSchedule" };
    }
}

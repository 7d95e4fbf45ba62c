using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Says in a pod's status, before it is deleted, that the cluster and not the pod is the cause (KEP-3329, condition DisruptionTarget).</summary>
internal static class PodDisruption
{
    /// <param name="condition">Null: only the phase changes.</param>
    /// <param name="phase">What the pod's phase becomes if it has not ended; null to leave it.</param>
    public static async Task Mark(ApiClient client, Pod pod, PodCondition? condition, string? phase, CancellationToken cancel)
    {
        var conditions = condition is null ? pod.Status?.Conditions : PodState.WithCondition(pod, condition, DateTime.UtcNow);
        var ended = phase is not null && !PodState.IsFinished(pod) ? phase : pod.Status?.Phase;
        var patch = new { metadata = new { uid = pod.Metadata.Uid, resourceVersion = pod.Metadata.ResourceVersion }, status = new { conditions, phase = ended } };
        try { await client.MergePatch<Pod>(pod.Namespace, pod.Name, patch, cancel, "status"); }
        catch (ApiException e) when (e.IsNotFound) { }
    }
}

using System.Globalization;
using KubeApi.Objects;

namespace ControlPlane.Controllers.Jobs;

/// <summary>Questions about the pods of a job.</summary>
internal static class JobPods
{
    /// <summary>Keeps a pod until its end has been counted (KEP-2307).</summary>
    public const string Tracking = "batch.kubernetes.io/job-tracking";

    public const string Index = "batch.kubernetes.io/job-completion-index";
    public const string FailureCount = "batch.kubernetes.io/job-index-failure-count";
    public const string IgnoredCount = "batch.kubernetes.io/job-index-ignored-failure-count";

    public static bool IsTracked(Pod pod) => pod.Metadata.Finalizers?.Contains(Tracking) == true;

    public static bool IsIndexed(Job job) => job.Spec?.CompletionMode == "Indexed";

    /// <summary>Pods that are being deleted are not replaced before they have ended.</summary>
    public static bool ReplacesOnlyEnded(Job job) => job.Spec?.PodReplacementPolicy == "Failed" || job.Spec?.PodFailurePolicy is not null;

    /// <summary>It will not succeed any more: it failed, or it is being deleted and counts as failed already.</summary>
    public static bool HasFailed(Job job, Pod pod) => pod.Status?.Phase != "Succeeded"
        && (pod.Status?.Phase == "Failed" || pod.Metadata.DeletionTimestamp is not null && (IsGone(pod) || !ReplacesOnlyEnded(job)));

    /// <summary>Being deleted and perhaps still running.</summary>
    public static bool IsTerminating(Pod pod) => pod.Metadata.DeletionTimestamp is not null && !PodState.IsFinished(pod) && !IsGone(pod);

    /// <summary>The node has said that nothing of it runs any more: only finalizers keep the object.</summary>
    private static bool IsGone(Pod pod) => pod.Metadata.DeletionTimestamp is not null && (pod.Metadata.DeletionGracePeriodSeconds ?? 0) == 0;

    /// <summary>The completion index; null where the pod has none within the job's range.</summary>
    public static int? IndexOf(Job job, Pod pod) => Number(pod, Index) is { } index && index < (job.Spec?.Completions ?? 0) ? index : null;

    /// <summary>How often the pod's index had failed before, not counting failures that the policy ignores.</summary>
    public static int FailuresBefore(Pod pod) => Number(pod, FailureCount) ?? 0;

    public static int IgnoredBefore(Pod pod) => Number(pod, IgnoredCount) ?? 0;

    /// <summary>When its last container ended; as good as known where the pod has no statuses.</summary>
    public static DateTime EndedAt(Pod pod) =>
        (pod.Status?.ContainerStatuses ?? []).Select(status => status.State?.Terminated?.FinishedAt).Max()
        ?? pod.Metadata.DeletionTimestamp?.AddSeconds(-(pod.Metadata.DeletionGracePeriodSeconds ?? 0))
        ?? PodState.Condition(pod, "Ready")?.LastTransitionTime ?? pod.Metadata.CreationTimestamp ?? DateTime.MinValue;

    private static int? Number(Pod pod, string annotation) =>
        int.TryParse(pod.Metadata.Annotations?.GetValueOrDefault(annotation), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

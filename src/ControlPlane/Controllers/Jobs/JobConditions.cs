using KubeApi.Objects;

namespace ControlPlane.Controllers.Jobs;

/// <summary>Reads and sets conditions of a job.</summary>
internal static class JobConditions
{
    public const string Complete = "Complete", Failed = "Failed", FailureTarget = "FailureTarget", SuccessCriteriaMet = "SuccessCriteriaMet", Suspended = "Suspended";

    /// <summary>The condition if it holds, else null.</summary>
    public static JobCondition? Held(JobStatus? status, string type) => status?.Conditions?.FirstOrDefault(condition => condition.Type == type && condition.Status == "True");

    /// <summary>The condition by which the job ended; null while it has not.</summary>
    public static JobCondition? End(Job job) => Held(job.Status, Complete) ?? Held(job.Status, Failed);

    public static JobStatus With(JobStatus status, string type, bool holds, string reason, string message, DateTime now)
    {
        var value = holds ? "True" : "False";
        var old = status.Conditions?.FirstOrDefault(condition => condition.Type == type);
        if (old?.Status == value) return status;
        var condition = new JobCondition { Type = type, Status = value, LastProbeTime = now, LastTransitionTime = now, Reason = reason, Message = message };
        return status with { Conditions = [.. (status.Conditions ?? []).Where(other => other.Type != type), condition] };
    }
}

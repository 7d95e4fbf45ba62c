using ControlPlane.Registry.Jobs;
using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry;

/// <summary>Pods that are to end: the selector is the server's, and little may change once the job is there.</summary>
internal sealed class JobRegistry : WorkloadRegistry<Job>
{
    protected override object Generated(Job job) => job.Spec ?? new JobSpec();

    protected override PodTemplateSpec? Template(Job job) => job.Spec?.Template;

    protected override LabelSelector? FixedSelector(Job job) => job.Spec?.Selector;

    protected override Job Default(Job job) => JobDefaults.Apply(job);

    protected override Job WithInitialStatus(Job job) => JobDefaults.WithSelector(job with { Status = new JobStatus() });

    protected override Job WithStatusOf(Job job, Job source) => job with { Status = source.Status };

    protected override void Validate(Job job, FieldErrors errors)
    {
        var spec = job.Spec ?? new JobSpec();
        JobValidation.Validate(spec, errors);
        Generated(job, spec, errors);
        WorkloadValidation.NotNegative("status.active", job.Status?.Active, errors);
        WorkloadValidation.NotNegative("status.succeeded", job.Status?.Succeeded, errors);
        WorkloadValidation.NotNegative("status.failed", job.Status?.Failed, errors);
    }

    /// <summary>A selector or labels of another job would count its pods.</summary>
    private static void Generated(Job job, JobSpec spec, FieldErrors errors)
    {
        if (spec.ManualSelector == true || string.IsNullOrEmpty(job.Metadata.Uid)) return;
        foreach (var (key, value) in JobDefaults.PodLabels(job))
            if (spec.Template.Metadata?.Labels?.GetValueOrDefault(key) is { } label && label != value)
                errors.Invalid($"spec.template.metadata.labels[{key}]", spec.Template.Metadata.Labels, $"must be '{value}'");
        if (spec.Selector is not null && !KubeApi.Selector.Of(spec.Selector).Matches(JobDefaults.PodLabels(job)))
            errors.Invalid("spec.selector", spec.Selector, "`selector` not auto-generated");
    }

    protected override void ValidateChange(Job old, Job updated, FieldErrors errors) => JobUpdateValidation.Validate(old, updated, Same, errors);

    public override IReadOnlyList<string> SelectableFields { get; } = ["status.successful"];

    protected override string? SelectableField(Job job, string path) => path == "status.successful" ? $"{job.Status?.Succeeded ?? 0}" : null;

    public override IReadOnlyList<TableColumnDefinition> Columns { get; } =
    [
        Column.Name, Column.Text("Status", "Whether the job runs or how it ended."), Column.Text("Completions", "Pods that succeeded, of those that must."),
        Column.Text("Duration", "From the start to the end, or until now."), Column.Age, .. Workload.WideColumns,
    ];

    protected override IReadOnlyList<object?> Cells(Job job, DateTime now) =>
    [
        job.Name, Status(job), Completions(job), Duration(job, now), Cell.Age(job, now), Workload.Containers(job.Spec?.Template), Workload.Images(job.Spec?.Template),
        Workload.Selector(job.Spec?.Selector),
    ];

    private static string Status(Job job)
    {
        bool Has(string type) => job.Status?.Conditions?.Any(condition => condition.Type == type && condition.Status == "True") == true;
        return Has("Complete") ? "Complete" : Has("Failed") ? "Failed"
            : job.Metadata.DeletionTimestamp is not null ? "Terminating"
            : Has("Suspended") ? "Suspended" : Has("FailureTarget") ? "FailureTarget" : Has("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
    }

    private static string Completions(Job job)
    {
        var succeeded = job.Status?.Succeeded ?? 0;
        if (job.Spec?.Completions is { } wanted) return $"{succeeded}/{wanted}";
        return job.Spec?.Parallelism is > 1 and var parallel ? $"{succeeded}/1 of {parallel}" : $"{succeeded}/1";
    }

    private static string Duration(Job job, DateTime now) =>
        job.Status?.StartTime is { } start ? HumanDuration.Format((job.Status.CompletionTime ?? now) - start) : "";
}

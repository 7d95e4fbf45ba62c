using ControlPlane.Registry.Tables;
using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Rbac;

/// <summary>Defaults, validation and cells that RoleBinding and ClusterRoleBinding share (pkg/apis/rbac).</summary>
internal static class BindingRules
{
    public const string Group = "rbac.authorization.k8s.io";

    public static RoleRef Default(RoleRef reference) => string.IsNullOrEmpty(reference.ApiGroup) ? reference with { ApiGroup = Group } : reference;

    public static IReadOnlyList<Subject>? Default(IReadOnlyList<Subject>? subjects) =>
        subjects?.Select(subject => string.IsNullOrEmpty(subject.ApiGroup) && subject.Kind is "User" or "Group" ? subject with { ApiGroup = Group } : subject).ToList();

    /// <param name="roleKinds">What may be bound: a ClusterRoleBinding cannot give a Role.</param>
    public static void Validate(RoleRef reference, IReadOnlyList<Subject>? subjects, bool namespaced, IReadOnlyList<string> roleKinds, FieldErrors errors)
    {
        if (reference.ApiGroup != Group) errors.NotSupported("roleRef.apiGroup", reference.ApiGroup, [Group]);
        if (!roleKinds.Contains(reference.Kind)) errors.NotSupported("roleRef.kind", reference.Kind, roleKinds);
        if (reference.Name.Length == 0) errors.Required("roleRef.name");
        else errors.Check("roleRef.name", reference.Name, Names.PathSegment(reference.Name));
        for (var i = 0; i < (subjects?.Count ?? 0); i++) Validate(subjects![i], namespaced, $"subjects[{i}]", errors);
    }

    private static void Validate(Subject subject, bool namespaced, string path, FieldErrors errors)
    {
        if (subject.Name.Length == 0) errors.Required($"{path}.name");
        switch (subject.Kind)
        {
            case "ServiceAccount":
                if (subject.Name.Length > 0) errors.Check($"{path}.name", subject.Name, Names.Dns1123Subdomain(subject.Name));
                if (!string.IsNullOrEmpty(subject.ApiGroup)) errors.NotSupported($"{path}.apiGroup", subject.ApiGroup, [""]);
                if (!namespaced && string.IsNullOrEmpty(subject.Namespace)) errors.Required($"{path}.namespace");
                break;
            case "User" or "Group":
                if (subject.ApiGroup != Group) errors.NotSupported($"{path}.apiGroup", subject.ApiGroup, [Group]);
                break;
            default:
                errors.NotSupported($"{path}.kind", subject.Kind, ["ServiceAccount", "User", "Group"]);
                break;
        }
    }

    /// <summary>To give other rights than before would be a new decision: whoever may change subjects must not make it.</summary>
    public static void ValidateChange(RoleRef old, RoleRef updated, FieldErrors errors)
    {
        if (old != updated) errors.Invalid("roleRef", updated, "cannot change roleRef");
    }

    public static IReadOnlyList<TableColumnDefinition> Columns { get; } =
    [
        Column.Name, Column.Text("Role", "Kind and name of the role that is given."), Column.Age, Column.Wide("Users", "Users that have it."),
        Column.Wide("Groups", "Groups that have it."), Column.Wide("ServiceAccounts", "Service accounts that have it."),
    ];

    public static IReadOnlyList<object?> Cells(KubeObject binding, RoleRef role, IReadOnlyList<Subject>? subjects, DateTime now) =>
    [
        binding.Name, $"{role.Kind}/{role.Name}", Cell.Age(binding, now), Of(subjects, "User", subject => subject.Name),
        Of(subjects, "Group", subject => subject.Name), Of(subjects, "ServiceAccount", subject => $"{subject.Namespace}/{subject.Name}"),
    ];

    private static string Of(IReadOnlyList<Subject>? subjects, string kind, Func<Subject, string> text) =>
        string.Join(", ", (subjects ?? []).Where(subject => subject.Kind == kind).Select(text));
}

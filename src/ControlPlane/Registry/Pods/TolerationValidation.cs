using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>Rules for tolerations (core/validation ValidateTolerations).</summary>
internal static class TolerationValidation
{
    private static readonly string[] Effects = ["NoExecute", "NoSchedule", "PreferNoSchedule"];
    private static readonly string[] Operators = ["Equal", "Exists"];

    public static void Validate(IReadOnlyList<Toleration> tolerations, string path, FieldErrors errors)
    {
        for (var i = 0; i < tolerations.Count; i++) Validate(tolerations[i], $"{path}[{i}]", errors);
    }

    private static void Validate(Toleration toleration, string path, FieldErrors errors)
    {
        var key = toleration.Key ?? "";
        if (key.Length > 0) errors.Check($"{path}.key", key, Names.QualifiedName(key));
        if (key.Length == 0 && toleration.Operator != "Exists")
            errors.Invalid($"{path}.operator", toleration.Operator ?? "",
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        if (toleration.TolerationSeconds is not null && toleration.Effect != "NoExecute")
            errors.Invalid($"{path}.effect", toleration.Effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set");
        switch (toleration.Operator)
        {
            case "Exists" when !string.IsNullOrEmpty(toleration.Value):
                errors.Invalid($"{path}.operator", toleration.Operator, "value must be empty when `operator` is 'Exists'");
                break;
            case "Equal" or null or "" when Names.LabelValue(toleration.Value ?? "") is { } problem:
                errors.Invalid($"{path}.operator", toleration.Value, problem);
                break;
            case not ("Exists" or "Equal" or null or ""):
                errors.NotSupported($"{path}.operator", toleration.Operator, Operators);
                break;
        }
        if (!string.IsNullOrEmpty(toleration.Effect)) errors.OneOf($"{path}.effect", toleration.Effect, Effects);
    }
}

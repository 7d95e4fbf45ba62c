using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>Rules for a container's own restartPolicy and its exceptions (KEP-753, KEP-5307; core/validation validateContainerRestartPolicy).</summary>
internal static class RestartPolicyValidation
{
    private const int MostRules = 20, MostCodes = 255;

    public static void Validate(Container container, bool isInit, string path, FieldErrors errors)
    {
        if (container.RestartPolicy is { } policy) errors.OneOf($"{path}.restartPolicy", policy, "Always", "Never", "OnFailure");
        if (container.RestartPolicyRules is not { Count: > 0 } rules) return;
        if (container.RestartPolicy is null) errors.Required($"{path}.restartPolicy", "must specify restartPolicy when restart rules are used");
        if (isInit && container.RestartPolicy == "Always") errors.Forbidden($"{path}.restartPolicyRules", "restartPolicyRules are not supported for sidecar containers");
        if (rules.Count > MostRules) errors.TooMany($"{path}.restartPolicyRules", rules.Count, MostRules);
        for (var i = 0; i < rules.Count; i++) Rule(rules[i], $"{path}.restartPolicyRules[{i}]", errors);
    }

    private static void Rule(ContainerRestartRule rule, string path, FieldErrors errors)
    {
        errors.OneOf($"{path}.action", rule.Action, "Restart");
        if (rule.ExitCodes is not { } codes)
        {
            errors.Required($"{path}.exitCodes", "must be specified");
            return;
        }
        errors.OneOf($"{path}.exitCodes.operator", codes.Operator, "In", "NotIn");
        if (codes.Values is not { Count: > 0 }) errors.Required($"{path}.exitCodes.values", "must have at least one value");
        else if (codes.Values.Count > MostCodes) errors.TooMany($"{path}.exitCodes.values", codes.Values.Count, MostCodes);
    }
}

using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Containers;

/// <summary>
/// A request or limit of a container as a whole number, for environment variables and downward API volumes (API type
/// ResourceFieldSelector; kubelet, pkg/api/v1/resource).
/// </summary>
internal static class ResourceField
{
    /// <param name="allocatable">What the node can give: the limit of a container that has none.</param>
    /// <returns>In units of the divisor, rounded up; cpu without a divisor in whole processors, all else in bytes or pieces.</returns>
    /// <exception cref="ContainerConfigException">There is no such field.</exception>
    public static string Value(Container container, ResourceFieldSelector selector, IReadOnlyDictionary<string, Quantity> allocatable)
    {
        var (kind, resource) = selector.Resource.Split('.', 2) is [var first, var second] ? (first, second) : ("", "");
        var amount = kind switch
        {
            "limits" => Amount(container.Resources?.Limits, resource) ?? Amount(allocatable, resource) ?? default,
            "requests" => Amount(container.Resources?.Requests, resource) ?? default,
            _ => throw Unsupported(selector),
        };
        if (resource is not ("cpu" or "memory" or "ephemeral-storage") && !resource.StartsWith("hugepages-", StringComparison.Ordinal)) throw Unsupported(selector);
        var divisor = selector.Divisor is { } given && given.CompareTo(default) > 0 ? given : Quantity.OfValue(1);
        var (dividend, by) = resource == "cpu" ? (amount.MilliValue, divisor.MilliValue) : (amount.Value, divisor.Value);
        return ((dividend + by - 1) / by).ToString();
    }

    private static ContainerConfigException Unsupported(ResourceFieldSelector selector) => new($"unsupported container resource : {selector.Resource}");

    /// <summary>Null also for zero, which stands for "none".</summary>
    private static Quantity? Amount(IReadOnlyDictionary<string, Quantity>? amounts, string name) =>
        amounts is not null && amounts.TryGetValue(name, out var amount) && amount.CompareTo(default) > 0 ? amount : null;
}

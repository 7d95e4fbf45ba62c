using System.Globalization;
using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Probes;

/// <summary>A check that cannot be made as it is written; the message is Kubernetes'.</summary>
internal sealed class BadProbeException(string message) : Exception(message);

/// <summary>The port that a probe or hook names (pkg/probe ResolveContainerPort).</summary>
internal static class ProbePort
{
    /// <param name="port">A number, the name of a port of the container, or a number written as text.</param>
    /// <exception cref="BadProbeException">The container has no such port, or there can be none.</exception>
    public static int Resolve(IntOrString port, Container container)
    {
        var number = port.Number;
        if (port.Text is { } name)
        {
            number = container.Ports?.FirstOrDefault(entry => entry.Name == name)?.Port ?? 0;
            if (number == 0 && !int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
                throw new BadProbeException($"strconv.Atoi: parsing \"{name}\": invalid syntax");
        }
        return number is > 0 and < 65536 ? number : throw new BadProbeException($"invalid port number: {number}");
    }
}

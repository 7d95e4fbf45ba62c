using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi.Objects;
using Linux;

namespace NodeAgent.Containers;

/// <summary>
/// Which system calls a container may make, as the <c>linux.seccomp</c> of its OCI configuration. RuntimeDefault is the profile
/// that Debian's package golang-github-containers-common keeps for Podman and CRI-O; it is read when it is first needed.
/// </summary>
/// <param name="defaultFile">The profile RuntimeDefault, in the format of containers/common: rules that hold for some architectures, kernels and capabilities only.</param>
/// <param name="localRoot">Where profiles of type Localhost lie, as the kubelet's <c>seccomp</c> folder.</param>
/// <param name="confinesAll">A container that names no profile gets RuntimeDefault (kubelet, --seccomp-default).</param>
internal sealed class SeccompProfiles(string defaultFile, string localRoot, bool confinesAll)
{
    public const string DefaultFile = "/usr/share/containers/seccomp.json";
    private const int LongestFile = 1 << 20;

    private readonly Lock reading = new();
    private SeccompSource? source;

    /// <returns>Null: unconfined.</returns>
    /// <exception cref="ContainerConfigException">A profile of the node does not exist or is none.</exception>
    public JsonNode? Of(Pod pod, Container container, ContainerPrivileges privileges)
    {
        if (privileges.Privileged) return null; // as containerd does, whatever is asked
        var asked = container.SecurityContext?.SeccompProfile ?? pod.Spec!.SecurityContext?.SeccompProfile;
        return (asked?.Type ?? (confinesAll ? "RuntimeDefault" : "Unconfined")) switch
        {
            "RuntimeDefault" => Source().Profile(privileges.Names),
            "Localhost" => Local(asked!.LocalhostProfile ?? ""),
            _ => null,
        };
    }

    private SeccompSource Source()
    {
        lock (reading) return source ??= SeccompSource.Read(defaultFile);
    }

    private JsonNode Local(string name)
    {
        if (name.Length == 0 || Path.IsPathRooted(name) || name.Split('/').Contains(".."))
            throw new ContainerConfigException($"localhostProfile \"{name}\" must be a relative path without '..'");
        var path = Path.Combine(localRoot, name);
        try
        {
            var text = Directory.Exists(localRoot) ? PathInRoot.ReadText(localRoot, name, LongestFile) : null;
            if (text is null) throw new ContainerConfigException($"cannot load seccomp profile \"{path}\": no such file", "CreateContainerError");
            return JsonNode.Parse(text) is JsonObject profile && profile["defaultAction"] is not null ? profile
                : throw new ContainerConfigException($"cannot load seccomp profile \"{path}\": it has no defaultAction", "CreateContainerError");
        }
        catch (JsonException e) { throw new ContainerConfigException($"cannot load seccomp profile \"{path}\": decoding seccomp profile failed: {e.Message}", "CreateContainerError"); }
    }
}

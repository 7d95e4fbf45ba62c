using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>Rules for one container (core/validation validateContainers).</summary>
internal static class ContainerValidation
{
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    /// <param name="names">Names of the containers before this one; this one's is added.</param>
    /// <param name="volumes">Names of the pod's volumes.</param>
    public static void Validate(Container container, ISet<string> names, IReadOnlySet<string> volumes, bool isInit, string path, FieldErrors errors)
    {
        if (container.Name.Length == 0) errors.Required($"{path}.name");
        else
        {
            errors.Check($"{path}.name", container.Name, Names.Dns1123Label(container.Name));
            if (!names.Add(container.Name)) errors.Duplicate($"{path}.name", container.Name);
        }
        if (string.IsNullOrEmpty(container.Image)) errors.Required($"{path}.image");
        else if (container.Image.Trim() != container.Image) errors.Invalid($"{path}.image", container.Image, "must not have leading or trailing whitespace");
        errors.OneOf($"{path}.terminationMessagePolicy", container.TerminationMessagePolicy, "FallbackToLogsOnError", "File");
        errors.OneOf($"{path}.imagePullPolicy", container.ImagePullPolicy, PullPolicies);
        Ports(container.Ports ?? [], $"{path}.ports", errors);
        EnvValidation.Validate(container, path, errors);
        Mounts(container, volumes, $"{path}.volumeMounts", errors);
        ResourceValidation.Validate(container.Resources, $"{path}.resources", errors);
        if (isInit && container.RestartPolicy != "Always") OnlyForSidecars(container, path, errors);
        RestartPolicyValidation.Validate(container, isInit, path, errors);
        ProbeValidation.Validate(container, path, errors);
        SecurityValidation.Container(container.SecurityContext, $"{path}.securityContext", errors);
    }

    private static void OnlyForSidecars(Container container, string path, FieldErrors errors)
    {
        const string text = "may not be set for init containers without restartPolicy=Always";
        if (container.Lifecycle is not null) errors.Forbidden($"{path}.lifecycle", text);
        if (container.LivenessProbe is not null) errors.Forbidden($"{path}.livenessProbe", text);
        if (container.ReadinessProbe is not null) errors.Forbidden($"{path}.readinessProbe", text);
        if (container.StartupProbe is not null) errors.Forbidden($"{path}.startupProbe", text);
    }

    private static void Ports(IReadOnlyList<ContainerPort> ports, string path, FieldErrors errors)
    {
        var names = new HashSet<string>();
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, at) = (ports[i], $"{path}[{i}]");
            if (!string.IsNullOrEmpty(port.Name))
            {
                if (Names.PortName(port.Name) is { } problem) errors.Invalid($"{at}.name", port.Name, problem);
                else if (!names.Add(port.Name)) errors.Duplicate($"{at}.name", port.Name);
            }
            if (port.Port == 0) errors.Required($"{at}.containerPort");
            else errors.Check($"{at}.containerPort", port.Port, Names.Port(port.Port));
            if (port.HostPort is { } hostPort and not 0) errors.Check($"{at}.hostPort", hostPort, Names.Port(hostPort));
            errors.OneOf($"{at}.protocol", port.Protocol, Protocols);
        }
    }

    private static void Mounts(Container container, IReadOnlySet<string> volumes, string path, FieldErrors errors)
    {
        var mounts = container.VolumeMounts ?? [];
        var paths = new HashSet<string>();
        for (var i = 0; i < mounts.Count; i++)
        {
            var (mount, at) = (mounts[i], $"{path}[{i}]");
            if (mount.Name.Length == 0) errors.Required($"{at}.name");
            else if (!volumes.Contains(mount.Name)) errors.NotFound($"{at}.name", mount.Name);
            if (mount.MountPath.Length == 0) errors.Required($"{at}.mountPath");
            else if (!paths.Add(mount.MountPath)) errors.Invalid($"{at}.mountPath", mount.MountPath, "must be unique");
            if (!string.IsNullOrEmpty(mount.SubPath)) VolumeValidation.RelativePath(mount.SubPath, $"{at}.subPath", errors);
            if (!string.IsNullOrEmpty(mount.SubPathExpr))
            {
                if (!string.IsNullOrEmpty(mount.SubPath)) errors.Invalid($"{at}.subPathExpr", mount.SubPathExpr, "subPathExpr and subPath are mutually exclusive");
                VolumeValidation.RelativePath(mount.SubPathExpr, $"{at}.subPathExpr", errors);
            }
            SecurityValidation.Mount(mount, container, at, errors);
        }
    }
}

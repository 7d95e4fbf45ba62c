using KubeApi.Objects;

namespace UnitTests.Registry;

/// <summary>What is said about broken security contexts; the texts are Kubernetes' own.</summary>
public class SecurityValidationTests
{
    private static IReadOnlyList<string> Errors(string spec, string container) => Manifest.Errors<Pod>(
        $"metadata: {{name: p}}\nspec: {{{(spec.Length > 0 ? spec + ", " : "")}volumes: [{{name: v, hostPath: {{path: /x}}}}], containers: [{{name: a, image: i{(container.Length > 0 ? ", " + container : "")}}}]}}");

    [Theory]
    [InlineData("securityContext: {runAsUser: -1}", "runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive")]
    [InlineData("securityContext: {fsGroup: 2147483648}", "fsGroup: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive")]
    [InlineData("securityContext: {supplementalGroups: [1, -2]}", "supplementalGroups[1]: Invalid value: -2: must be between 0 and 2147483647, inclusive")]
    [InlineData("securityContext: {supplementalGroupsPolicy: Mix}", "supplementalGroupsPolicy: Unsupported value: \"Mix\": supported values: \"Merge\", \"Strict\"")]
    [InlineData("securityContext: {seccompProfile: {type: Mine}}", "seccompProfile.type: Unsupported value: \"Mine\": supported values: \"Localhost\", \"RuntimeDefault\", \"Unconfined\"")]
    [InlineData("securityContext: {seccompProfile: {type: Localhost}}", "seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost")]
    [InlineData("securityContext: {seccompProfile: {type: Localhost, localhostProfile: ../x}}", "seccompProfile.localhostProfile: Invalid value: \"../x\": must not contain '..'")]
    [InlineData("securityContext: {seccompProfile: {type: Unconfined, localhostProfile: x}}", "seccompProfile.localhostProfile: Invalid value: \"x\": can only be set when seccomp type is Localhost")]
    [InlineData("securityContext: {appArmorProfile: {type: Localhost}}", "appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost")]
    [InlineData("os: {name: linux}, securityContext: {windowsOptions: {hostProcess: true}}", "windowsOptions: Forbidden: windows options cannot be set for a linux pod")]
    [InlineData("securityContext: {sysctls: [{value: '1'}]}", "sysctls[0].name: Required value")]
    [InlineData("securityContext: {sysctls: [{name: a.b, value: '1'}, {name: a.b, value: '2'}]}", "sysctls[1].name: Duplicate value: \"a.b\"")]
    [InlineData("hostNetwork: true, securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}]}", "sysctls[0].name: Invalid value: \"net.ipv4.tcp_syncookies\": may not be specified when 'hostNetwork' is true")]
    [InlineData("hostIPC: true, securityContext: {sysctls: [{name: kernel/shm_rmid_forced, value: '1'}]}", "sysctls[0].name: Invalid value: \"kernel/shm_rmid_forced\": may not be specified when 'hostIPC' is true")]
    public void Of_a_pod(string spec, string error) => Assert.Equal([$"spec.securityContext.{error}"], Errors(spec, ""));

    [Fact]
    public void A_sysctls_name_has_a_form() =>
        Assert.StartsWith("spec.securityContext.sysctls[0].name: Invalid value: \"Not_This\": must have at most 253 characters and match regex", Errors("securityContext: {sysctls: [{name: Not_This, value: '1'}]}", "").Single());

    [Theory]
    [InlineData("securityContext: {runAsGroup: -1}", "securityContext.runAsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive")]
    [InlineData("securityContext: {procMount: Open}", "securityContext.procMount: Unsupported value: \"Open\": supported values: \"Default\", \"Unmasked\"")]
    [InlineData("securityContext: {procMount: Unmasked}", "securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`")]
    [InlineData("volumeMounts: [{name: v, mountPath: /v, mountPropagation: Bidirectional}]",
        "volumeMounts[0].mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers")]
    [InlineData("volumeMounts: [{name: v, mountPath: /v, recursiveReadOnly: Enabled}]", "volumeMounts[0].recursiveReadOnly: Forbidden: may only be specified when readOnly is true")]
    [InlineData("volumeMounts: [{name: v, mountPath: /v, readOnly: true, mountPropagation: HostToContainer, recursiveReadOnly: IfPossible}]",
        "volumeMounts[0].recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified")]
    public void Of_a_container(string container, string error) => Assert.Equal([$"spec.containers[0].{error}"], Errors("", container));

    [Fact]
    public void No_escalation_and_all_rights_do_not_go_together()
    {
        Assert.Contains("cannot set `allowPrivilegeEscalation` to false and `privileged` to true", Errors("", "securityContext: {privileged: true, allowPrivilegeEscalation: false}").Single());
        Assert.Contains("cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
            Errors("", "securityContext: {capabilities: {add: [CAP_SYS_ADMIN]}, allowPrivilegeEscalation: false}").Single());
    }
}

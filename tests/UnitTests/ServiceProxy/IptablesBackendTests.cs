using System.ComponentModel;
using Linux;
using NodeAgent.ServiceProxy.IptablesMode;

namespace UnitTests.ServiceProxy;

public class IptablesBackendTests
{
    /// <summary>Answers for iptables-nft-save, iptables-legacy-save and iptables -V; null = not installed.</summary>
    private static Task<IptablesBackend> Detect(string? nft, string? legacy, string version = "iptables v1.8.9 (nf_tables)") =>
        IptablesBackends.Detect((program, _, _, _) =>
            (program switch { "iptables-nft-save" => nft, "iptables-legacy-save" => legacy, _ => version }) is { } output
                ? Task.FromResult(new CommandResult(0, output, "")) : throw new Win32Exception(2));

    [Theory]
    [InlineData("", "", IptablesBackend.Nft)]
    [InlineData("-A INPUT -j ACCEPT\n", "", IptablesBackend.Nft)]
    [InlineData("", "-A INPUT -j ACCEPT\n", IptablesBackend.Legacy)]
    [InlineData("-A INPUT -j ACCEPT\n-A INPUT -j DROP\n", "*mangle\n:KUBE-IPTABLES-HINT - [0:0]\n", IptablesBackend.Legacy)]
    [InlineData("*mangle\n:KUBE-KUBELET-CANARY - [0:0]\n", "-A INPUT -j ACCEPT\n", IptablesBackend.Nft)]
    [InlineData(null, "", IptablesBackend.Legacy)]
    public async Task The_back_end_that_is_in_use_is_used(string? nft, string? legacy, IptablesBackend expected) =>
        Assert.Equal(expected, await Detect(nft, legacy));

    [Fact]
    public async Task With_nothing_in_either_the_default_of_the_machine_is_used() =>
        Assert.Equal(IptablesBackend.Legacy, await Detect("", "", "iptables v1.8.9 (legacy)"));

    [Fact]
    public async Task Without_iptables_the_error_names_the_package() =>
        Assert.Contains("Debian package: iptables", (await Assert.ThrowsAsync<IOException>(() => IptablesBackends.Detect((_, _, _, _) => throw new Win32Exception(2)))).Message);
}

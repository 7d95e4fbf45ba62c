using Linux;
using NodeAgent.ServiceProxy;
using NodeAgent.ServiceProxy.IptablesMode;
using NodeAgent.ServiceProxy.NftablesMode;
using ServiceMatrix;
using ProxyMode = ServiceMatrix.ProxyMode;

namespace KernelTests.ServiceProxy.Matrix;

public sealed class IptablesNftWorld : MatrixFixture
{
    internal override ProxyMode Mode => ProxyMode.Iptables;
    internal override IRuleBackEnd BackEnd(TestSpace node) => new IptablesBackEnd(node.TryRun, IptablesBackend.Nft);
}

public sealed class IptablesLegacyWorld : MatrixFixture
{
    internal override ProxyMode Mode => ProxyMode.Iptables;
    internal override IRuleBackEnd BackEnd(TestSpace node) => new IptablesBackEnd(node.TryRun, IptablesBackend.Legacy);
}

public sealed class NftablesWorld : MatrixFixture
{
    internal override ProxyMode Mode => ProxyMode.Nftables;
    internal override IRuleBackEnd BackEnd(TestSpace node) => new NftablesBackEnd(node.Namespace, new ForwardAccept(node.TryRun, IptablesBackend.Nft));
}

/// <summary>The iptables mode on the nf_tables back end of iptables.</summary>
public sealed class IptablesNftMatrixTests(IptablesNftWorld world) : MatrixTests(world), IClassFixture<IptablesNftWorld>;

/// <summary>The iptables mode on the legacy back end of iptables.</summary>
public sealed class IptablesLegacyMatrixTests(IptablesLegacyWorld world) : MatrixTests(world), IClassFixture<IptablesLegacyWorld>;

/// <summary>The nftables mode.</summary>
public sealed class NftablesMatrixTests(NftablesWorld world) : MatrixTests(world), IClassFixture<NftablesWorld>;

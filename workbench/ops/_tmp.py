from .families import *
from .params import *
from .registry import op
broadcast("broadcast_add","add",lhs=lambda F,g:g,rhs=lambda F,g:g,doc="a")
broadcast("broadcast_sub","subtract",lhs=lambda F,g:g,rhs=lambda F,g:-g,doc="a")
broadcast("broadcast_mul","multiply",lhs=lambda F,g,rhs:g*rhs,rhs=lambda F,g,lhs:g*lhs,doc="a")
broadcast("broadcast_div","true_divide",lhs=lambda F,g,rhs:g/rhs,rhs=lambda F,g,lhs,rhs:-g*lhs/(rhs*rhs),doc="a")
broadcast("broadcast_mod","mod",doc="a")
broadcast("broadcast_power","power",lhs=lambda F,g,lhs,rhs:g*rhs*lhs**(rhs-1),rhs=lambda F,g,out,lhs:g*out*F.log(lhs),doc="a")
for n,u in dict(equal="equal",not_equal="not_equal",greater="greater",greater_equal="greater_equal",lesser="less",lesser_equal="less_equal").items():
    broadcast("broadcast_"+n,lambda xp,lhs,rhs,u=u:getattr(xp,u)(lhs,rhs).astype(lhs.dtype),doc="c")
    scalar("_"+n+"_scalar",lambda xp,data,scalar,u=u:getattr(xp,u)(data,scalar).astype(data.dtype),doc="c")
scalar("_plus_scalar",lambda xp,data,scalar:data+scalar,data=lambda F,g:g,doc="")
scalar("_minus_scalar",lambda xp,data,scalar:data-scalar,data=lambda F,g:g,doc="")
scalar("_rminus_scalar",lambda xp,data,scalar:scalar-data,data=lambda F,g:-g,doc="")
scalar("_mul_scalar",lambda xp,data,scalar:data*scalar,data=lambda F,g,p:g*p["scalar"],doc="")
scalar("_div_scalar",lambda xp,data,scalar:data/scalar,data=lambda F,g,p:g/p["scalar"],doc="")
scalar("_rdiv_scalar",lambda xp,data,scalar:scalar/data,data=lambda F,g,data,p:-g*p["scalar"]/(data*data),doc="")
scalar("_mod_scalar",lambda xp,data,scalar:data%scalar,doc="")
scalar("_rmod_scalar",lambda xp,data,scalar:scalar%data,doc="")
scalar("_power_scalar",lambda xp,data,scalar:data**scalar,data=lambda F,g,data,p:g*p["scalar"]*data**(p["scalar"]-1),doc="")
scalar("_rpower_scalar",lambda xp,data,scalar:scalar**data,data=lambda F,g,out:g*out,doc="")
unary("exp",data=lambda F,g,out:g*out,doc="exp")
unary("tanh",data=lambda F,g,out:g*(1-out*out),doc="tanh")
@op("_sum_to",infer=None)
def _sum_to(xp,data,*,shape:Shape):
    "sum to shape"
    lead=data.ndim-len(shape)
    axes=tuple(range(lead))+tuple(i+lead for i,n in enumerate(shape) if n==1 and data.shape[i+lead]!=1)
    return data.sum(axes,keepdims=False).reshape(shape)
_sum_to.grad(data=lambda F,g,data_shape:F.broadcast_to(g,shape=data_shape))
@op(aliases=["fully_connected"], infer="same")
def FullyConnected(xp, data, weight, bias=None, *,
                   num_hidden: Int(min=1),        # units in the output
                   no_bias: Bool = False,         # leave the bias out
                   flatten: Bool = True):         # collapse all axes but the first
    """Affine map"""
    out = xp.dot(data.reshape(-1, weight.shape[1]), weight.T)
    if bias is not None:
        out += bias
    return out if flatten else out.reshape(data.shape[:-1] + (num_hidden,))
@FullyConnected.infer
def _(p,s): return s,[(s[0][0],p["num_hidden"])]
FullyConnected.grad(data=lambda F,g,weight:F.dot(g,weight),bias=lambda F,g,bias_shape:F._sum_to(g,shape=bias_shape))

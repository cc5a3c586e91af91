"""Small programs, each with one edit: the ways in which Python code comes to depend on other code.

Each is written as `### what | old | new`, then the program, whose function is `f`.
"""

from __future__ import annotations

import pytest
from fingerprinted import Make

from llmtaskgraph._fingerprint import fingerprint

DIFFERENT = r"""
### an attribute computed in a class | 'A' | 'B'
import pathlib
class C:
  p = 'A'.lower()
  q = [p]
def f(): return C

### a constant in a class body | 'x' | 'y'
V='x'
class C:
  p = V + 'z'
def f(): return C

### a default of an inner function | K=1 | K=2
K=1
def f():
  def g(a=K): return a
  return g

### the decorator of a method | return g( | return 1+g(
import functools
def d(g):
  @functools.wraps(g)
  def w(*a): return g(*a)
  return w
class C:
  @d
  def m(self): return 1
def f(): return C().m()

### a decorated method | return 1 | return 2
import functools
def d(g):
  @functools.wraps(g)
  def w(*a): return g(*a)
  return w
class C:
  @d
  def m(self): return 1
def f(): return C().m()

### a method put in later | return 5 | return 6
class C:
  def m(self): return 1
def n(self): return 5
C.m=n
def f(): return C().m()

### a method set by name | 5 | 6
class C: pass
for k in ('a',):
  setattr(C,k,lambda self: 5)
def f(): return C().a()

### a dict filled in a loop | k*2 | k*3
D={}
for k in ('a','b'):
  D[k]=k*2
def f(): return D

### a list added to | 'b' | 'c'
D=['a']
D+=['b']
def f(): return D

### a list extended | 'b' | 'c'
D=['a']
D.extend(['b'])
def f(): return D

### two lists at once | 'b' | 'c'
A,B=['a'],['b']
def f(): return B

### a conditional constant | 'b' | 'c'
import os
M='a' if os.environ.get('NOPE') else 'b'
def f(): return M

### a list of Structs | S(2) | S(3)
import msgspec
class S(msgspec.Struct):
  a:int
L=[S(1),S(2)]
def f(): return L

### an argument of an instance | 'x' | 'y'
class S:
  def __init__(self,a): self.a=a
L=S('x')
def f(): return L

### a dict of instances | 'x' | 'y'
class S:
  def __init__(self,a): self.a=a
L={'k':S('x')}
def f(): return L

### a tuple of instances | 'x' | 'y'
class S:
  def __init__(self,a): self.a=a
L=(S('x'),)
def f(): return L

### instances that a function makes | 'x' | 'y'
class S:
  def __init__(self,a): self.a=a
def mk(): return [S('x')]
L=mk()
def f(): return L

### a list that a function makes | 'x' | 'y'
def mk(): return ['x']
L=mk()
def f(): return L

### a list that a library makes | 'b' | 'c'
import functools, operator
L=functools.reduce(operator.add,['a','b'])
def f(): return L

### a template | 'a' | 'b'
import string
T=string.Template('a')
def f(): return T.substitute()

### an annotation of an inner function | x=1 | x=2
class A:
  x=1
def f():
  def g(v: A): return v
  return g

### an alias of a type | =1 | =2
import msgspec
class A(msgspec.Struct):
  x:int=1
As=list[A]
def f(v: As): return v

### an alias of an optional type | =1 | =2
import msgspec
from typing import Optional
class A(msgspec.Struct):
  x:int=1
As=Optional[A]
def f(v: As): return v

### a field of a field | y:int=1 | y:int=2
from __future__ import annotations
import msgspec
class B(msgspec.Struct):
  y:int=1
class A(msgspec.Struct):
  x:list[B]=[]
def f(v: A): return v

### a conditional function | return 1 | return 3
import sys
if sys.version_info>(3,):
  def g(): return 1
else:
  def g(): return 2
def f(): return g()

### a constant in a method of an inner class | K=1 | K=2
K=1
def f():
  class C:
    def m(self): return [K for _ in 'a']
  return C

### a module docstring that is read | '''doc''' | '''dox'''
'''doc'''
def f():
  return __doc__

### an enum made by a call | 'A':1 | 'A':2
import enum
E=enum.Enum('E',{'A':1})
def f(): return E.A

### a named tuple made by a call | 'a b' | 'a c'
import collections
E=collections.namedtuple('E','a b')
def f(): return E

### a Struct made by a call | 1)] | 2)]
import msgspec
E=msgspec.defstruct('E',[('a',int,1)])
def f(): return E

### a dict of an own class | return 1 | return 2
class D(dict):
  def g(self): return 1
X=D(a=1)
def f(): return X.g()

### what a dict of an own class holds | a=1 | a=2
class D(dict):
  def g(self): return 1
X=D(a=1)
def f(): return X.g()

### a read-only mapping | 'b' | 'c'
import types
X=types.MappingProxyType({'a':'b'})
def f(): return X

### a context variable | 'b' | 'c'
import contextvars
X=contextvars.ContextVar('x',default='b')
def f(): return X

### an async comprehension | K=1 | K=2
K=1
async def f(x): return [K async for _ in x]

### a private method | return 1 | return 2
class C:
  def __m(self): return 1
  def n(self): return self.__m()
def f(): return C().n()

### a property with a setter | return 1 | return 2
class C:
  @property
  def p(self): return 1
  @p.setter
  def p(self,v): self._p=v
def f(): return C().p

### a list in a class | 'a' | 'b'
class C:
  L=['a']
def f(): return C.L

### an attribute read from a file | import | from pathlib import Path; import
import pathlib
class C:
  L=pathlib.Path(__file__).read_text()[:3]
def f(): return C.L

### a partial of a lambda | a+b | a-b
import functools
g=functools.partial(lambda a,b:a+b,1)
def f(): return g(2)

### a partial method | m,1 | m,2
import functools
class C:
  def m(self,a): return 1
  n=functools.partialmethod(m,1)
def f(): return C().n()

### a descriptor | return 1 | return 2
class D:
  def __get__(self,a,b): return 1
class C:
  d=D()
def f(): return C().d

### a metaclass | return 1 | return 2
class M(type):
  def g(c): return 1
class C(metaclass=M): pass
def f(): return C.g()

### a registry of subclasses | return 1 | return 2
R={}
class B:
  def __init_subclass__(c): R[c.__name__]=c
class X(B):
  def m(self): return 1
def f(n): return R[n]().m()

### a registry in a list | return 1 | return 2
R=[]
def reg(g):
  R.append(g)
  return g
@reg
def x(): return 1
def f(): return [r() for r in R]

### a registry in an object | return 1 | return 2
class Reg:
  def __init__(self): self.fns={}
  def add(self,g):
    self.fns[g.__name__]=g
    return g
reg=Reg()
@reg.add
def x(): return 1
def f(): return reg.fns['x']()

### a registry of tuples | return 1 | return 2
R={}
def reg(g):
  R[g.__name__]=(g,'x')
  return g
@reg
def x(): return 1
def f(): return [r() for r in R]

### the text of an f-string | words | wordz
def f(x): return f'''Judge {x}
  in {x!s} words'''

### a list in the factory of a closure | 'a' | 'b'
def mk():
  L=['a']
  def f(): return L
  return f
f=mk()
"""

SAME = r"""
### a variable that a function sets with global | 'a' | 'b'
M=None
def setup():
  global M
  M='a'
setup()
def f(): return M

### the branch that was not taken | return 2 | return 3
import sys
if sys.version_info>(3,):
  def g(): return 1
else:
  def g(): return 2
def f(): return g()

### a local variable of the same name | K=1 | K=2
K=1
def f():
  K=5
  return K

### an attribute of the same name | K=1 | K=2
K=1
def f(o):
  return o.K

### a parameter of the same name | K=1 | K=2
K=1
def f(K):
  return K

### a keyword of the same name | K=1 | K=2
K=1
def f(g):
  return g(K=3)

### a constant that is not read | K=1 | K=2
K=1
def f():
  return __doc__
"""


def cases(text: str) -> list[object]:
    blocks = [block.partition("\n") for block in text.split("### ")[1:]]
    heads = [[part.strip() for part in head.split(" | ")] for head, _, _ in blocks]
    return [pytest.param(body, old, new, id=name) for (name, old, new), (_, _, body) in zip(heads, blocks, strict=True)]


@pytest.mark.parametrize(("text", "old", "new"), cases(DIFFERENT))
def test_an_edit_counts_where_the_function_depends_on_it(in_folder: Make, text: str, old: str, new: str) -> None:
    assert old in text
    assert fingerprint(in_folder({"app.py": text}).f) != fingerprint(in_folder({"app.py": text.replace(old, new)}).f)


@pytest.mark.parametrize(("text", "old", "new"), cases(SAME))
def test_an_edit_does_not_count_where_it_does_not(in_folder: Make, text: str, old: str, new: str) -> None:
    assert old in text
    assert fingerprint(in_folder({"app.py": text}).f) == fingerprint(in_folder({"app.py": text.replace(old, new)}).f)

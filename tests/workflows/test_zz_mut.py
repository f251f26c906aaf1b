from rectification import turns
orig_t=turns._turn_of_level
seen=[]
def mut(p,l,posts,b):
    r=orig_t(p,l,posts,set()); q=orig_t(p,l,posts,b)
    if bool(r[0])!=bool(q[0]): seen.append((l,posts,b))
    return r
turns._turn_of_level=mut
from tests.workflows.test_lifecycle_machine import *
def test_z():
    print(len(seen)); print(seen[:3]); assert 0
